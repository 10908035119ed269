import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';

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

/** How long Temporal may take to forget. */
const forgetMs = 60_000;

/** Has Temporal forget these runs of a story, and waits until it has. Gives those that are still there after a minute. */
export async function forgetRuns(
  client: Client,
  namespace: string,
  storyId: string,
  runs: readonly StoryRun[],
): Promise<readonly StoryRun[]> {
  for (const { workflowId, runId } of runs) {
    await client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId, runId } });
  }
  const deadline = Date.now() + forgetMs;
  let left = await runsOfStory(client, storyId);
  while (left.length > 0 && Date.now() < deadline) {
    await delay(500);
    left = await runsOfStory(client, storyId);
  }
  return left;
}
