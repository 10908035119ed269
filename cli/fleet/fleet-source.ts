import type { Client } from '@temporalio/client';
import { pools } from '../../story/plan/stages.ts';
import { taskQueueOf } from '../../story/plan/task-queue.ts';
import type { TemporalConfig } from '../../client/temporal-config.ts';
import { type FleetPool, fleetOf } from './fleet.ts';
import { reportOf } from './queue-report.ts';
import { type SeenTask, seenTasks } from './seen-task.ts';

/** Workflows that are asked at most, the latest first: each is one question to the server. */
const mostAsked = 1_000;
const width = 8;

/** Asks Temporal about all pools, their workers and what each works on. No worker is asked. */
export async function fetchFleet(client: Client, temporal: TemporalConfig): Promise<readonly FleetPool[]> {
  const [reports, tasks] = await Promise.all([
    Promise.all(
      pools.map(async (pool) => ({
        pool,
        ...(await reportOf(client.connection, temporal.namespace, taskQueueOf(temporal.queues, pool))),
      })),
    ),
    runningTasks(client),
  ]);
  return fleetOf(reports, tasks, Date.now());
}

async function runningTasks(client: Client): Promise<readonly SeenTask[]> {
  const ids: string[] = [];
  for await (const { workflowId } of client.workflow.list({ query: "ExecutionStatus = 'Running'", pageSize: 500 })) {
    ids.push(workflowId);
    if (ids.length === mostAsked) break;
  }
  return tasksOfWorkflows(client, ids);
}

/** The tasks that these workflows wait for. One that is over meanwhile waits for none. */
export async function tasksOfWorkflows(client: Client, ids: readonly string[]): Promise<readonly SeenTask[]> {
  const open = [...ids];
  const tasks: SeenTask[] = [];
  const ask = async (): Promise<void> => {
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const found = await client.workflow
        .getHandle(id)
        .describe()
        .catch(() => null);
      if (found !== null) tasks.push(...seenTasks(id, found, Date.now()));
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, ids.length) }, ask));
  return tasks;
}
