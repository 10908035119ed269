import type { Client } from '@temporalio/client';
import { namedKeys } from '../../storage/garbage/named-keys.ts';

/** A run of a workflow that belongs to a story: its own, or that of a shot, join or gate. */
export interface StoryRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly isRunning: boolean;
}

/** Every run of a story and of its children that Temporal still has. */
export async function runsOfStory(client: Client, storyId: string): Promise<readonly StoryRun[]> {
  const name = JSON.stringify(storyId);
  const runs = new Map<string, StoryRun>();
  for (const query of [`WorkflowId = ${name}`, `RootWorkflowId = ${name}`]) {
    for await (const { workflowId, runId, status } of client.workflow.list({ query }))
      runs.set(runId, { workflowId, runId, isRunning: status.name === 'RUNNING' });
  }
  return [...runs.values()];
}

/** Every key that the histories of these runs name: what was planned, made, found, made again and thrown away. No worker is asked. */
export async function keysOfHistories(client: Client, runs: readonly StoryRun[]): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for (const { workflowId, runId } of runs) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const text of textsIn(history)) for (const key of namedKeys(text)) keys.add(key);
  }
  return keys;
}

/** The payloads in a history, as text. */
function* textsIn(value: unknown): Iterable<string> {
  if (value instanceof Uint8Array) yield Buffer.from(value).toString('utf8');
  else if (typeof value === 'object' && value !== null) for (const field of Object.values(value)) yield* textsIn(field);
}

/** Has Temporal forget these runs. It does so a moment later; {@link runsOfStory} tells when. */
export async function forgetRuns(client: Client, namespace: string, runs: readonly StoryRun[]): Promise<void> {
  for (const { workflowId, runId } of runs) {
    await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId, runId } });
  }
}
