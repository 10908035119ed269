import type { Client } from '@temporalio/client';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { namedKeys } from '../../storage/garbage/named-keys.ts';
import { storyHandle } from '../../client/story-client.ts';
import { recipe } from '../../workflows/messages.ts';
import { keysOfRecipe } from './story-keys.ts';

/** What runs, and what it needs. */
export interface Running {
  /** Ids of the stories. */
  readonly stories: readonly string[];
  /** Every key that they may read. */
  readonly keys: ReadonlySet<string>;
  /** When the oldest campaign began, whose clips nobody can name in advance; `null` when none runs. */
  readonly campaignSinceMs: number | null;
}

const askMs = 20_000;
/** Questions at once: each is a replay on a worker of the edit pool. */
const width = 4;

/**
 * Asks all stories that run, paused ones too, what they need.
 *
 * @throws PipelineError `STACK_UNAVAILABLE` for a story that does not answer: what it needs is not known then, and nothing may go.
 */
export async function askRunning(client: Client): Promise<Running> {
  const stories: string[] = [];
  for await (const { workflowId } of client.workflow.list({
    query: "WorkflowType = 'storyWorkflow' AND ExecutionStatus = 'Running'",
  }))
    stories.push(workflowId);
  let campaignSinceMs: number | null = null;
  for await (const { startTime } of client.workflow.list({
    query: "WorkflowType = 'campaignWorkflow' AND ExecutionStatus = 'Running'",
  }))
    campaignSinceMs = Math.min(campaignSinceMs ?? Number.MAX_SAFE_INTEGER, startTime.getTime());
  const keys = new Set<string>();
  const open = [...stories];
  const ask = async (): Promise<void> => {
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (const key of await keysOfRunning(client, id)) keys.add(key);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, stories.length) }, ask));
  return { stories, keys, campaignSinceMs };
}

async function keysOfRunning(client: Client, id: string): Promise<ReadonlySet<string>> {
  try {
    const told = await client.withDeadline(Date.now() + askMs, () => client.workflow.getHandle(id).query(recipe));
    // What was made is in the record, under the keys of the release that the story runs on.
    const record = await storyHandle(client, id).record();
    return new Set([...keysOfRecipe(told), ...namedKeys(JSON.stringify(record))]);
  } catch (cause) {
    throw new PipelineError(
      'STACK_UNAVAILABLE',
      `the story '${id}' runs and does not say what it needs (${cause instanceof Error ? cause.message : String(cause)}), so nothing is deleted; ` +
        'start the edit workers of its release (`shotline release status`), or `shotline cancel --force` it',
      { details: { story: id }, cause },
    );
  }
}
