import type { Client } from '@temporalio/client';
import { workingItems } from '../../client/progress-source.ts';
import type { StoryHandle } from '../../client/story-client.ts';
import type { TemporalConfig } from '../../client/temporal-config.ts';
import { pools } from '../../story/plan/stages.ts';
import { taskQueueOf } from '../../story/plan/task-queue.ts';
import { tasksOfWorkflows } from './fleet-source.ts';
import { fleetOf } from './fleet.ts';
import { longestWay } from './longest-way.ts';
import { reportOf } from './queue-report.ts';
import type { StoryFacts } from './why.ts';

/** Asks the story how far it is, and Temporal about its tasks and the pools. @throws AbsentError when there is no such story. */
export async function fetchFacts(client: Client, temporal: TemporalConfig, story: StoryHandle): Promise<StoryFacts> {
  const status = await story.status();
  const isOpen = status.state === 'running' || status.state === 'stitching' || status.state === 'paused';
  const ids = [...new Set([status.storyId, ...workingItems(status).map(({ workflowId }) => workflowId)])];
  const [tasks, reports, plan, record] = await Promise.all([
    isOpen ? tasksOfWorkflows(client, ids) : [],
    Promise.all(
      pools.map(async (pool) => ({
        pool,
        ...(await reportOf(client.connection, temporal.namespace, taskQueueOf(temporal.queues, pool))),
      })),
    ),
    story.plan(),
    story.record(),
  ]);
  const nowMs = Date.now();
  const done = new Set(record.runs.map(({ result }) => result.artifact.key));
  return { status, tasks, fleet: fleetOf(reports, tasks, nowMs), way: isOpen ? longestWay(plan, done) : [], nowMs };
}
