import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { storySearchAttributes } from '../workflows/search-attributes.ts';

/** A story as the visibility of Temporal knows it: no worker is asked. */
export interface ListedStory {
  readonly workflowId: string;
  readonly title: string;
  /** `running`, `paused`, `stitching`, `done`, `failed` …: the story's own word, or else the workflow's. */
  readonly state: string;
  readonly shots: number | null;
  readonly shotsDone: number | null;
  /** ISO 8601, UTC. */
  readonly started: string;
  readonly elapsedSeconds: number;
}

/** The stories that Temporal knows, the latest first; of a story that was rendered again only its last run. */
export async function listStories(client: Client, limit: number): Promise<ListedStory[]> {
  const stories: ListedStory[] = [];
  const known = new Set<string>();
  const query = "WorkflowType = 'storyWorkflow'";
  for await (const info of client.workflow.list({ query, pageSize: Math.min(limit, 100) })) {
    if (known.has(info.workflowId)) continue;
    known.add(info.workflowId);
    stories.push(listedStory(info, Date.now()));
    if (stories.length === limit) break;
  }
  return stories;
}

type KnownInfo = Pick<WorkflowExecutionInfo, 'workflowId' | 'startTime' | 'closeTime' | 'typedSearchAttributes'> & {
  readonly status: Pick<WorkflowExecutionInfo['status'], 'name'>;
};

/** One row of the list. */
export function listedStory(info: KnownInfo, nowMs: number): ListedStory {
  const attribute = info.typedSearchAttributes;
  const running = info.status.name === 'RUNNING';
  const end = info.closeTime?.getTime() ?? nowMs;
  return {
    workflowId: info.workflowId,
    title: attribute.get(storySearchAttributes.title) ?? '',
    // Only a running story keeps its word up to date: a terminated one cannot say so.
    state: (running ? attribute.get(storySearchAttributes.state) : null) ?? closedState(info.status.name),
    shots: attribute.get(storySearchAttributes.shots) ?? null,
    shotsDone: attribute.get(storySearchAttributes.shotsDone) ?? null,
    started: info.startTime.toISOString(),
    elapsedSeconds: Math.round((end - info.startTime.getTime()) / 1000),
  };
}

function closedState(name: string): string {
  return name === 'COMPLETED' ? 'done' : name.toLowerCase().replaceAll('_', ' ');
}
