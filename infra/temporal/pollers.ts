import type { ConnectionLike } from '@temporalio/client';

/** Time that a describe call may take before the server counts as one that does not answer. */
const answerMs = 2_000;

type DescribeRequest = Parameters<ConnectionLike['workflowService']['describeTaskQueue']>[0];
// `TASK_QUEUE_TYPE_ACTIVITY` of Temporal's API. Its enum lives in a package that the client uses and does not hand on.
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const activityTaskQueue = 2 as NonNullable<DescribeRequest['taskQueueType']>;

/**
 * When a worker last asked a task queue for activities, epoch milliseconds in whole seconds; `null` when none did in the last
 * minutes. Throws what the client throws when the server does not answer.
 */
export async function lastPollMs(
  connection: ConnectionLike,
  namespace: string,
  taskQueue: string,
): Promise<number | null> {
  const request = { namespace, taskQueue: { name: taskQueue }, taskQueueType: activityTaskQueue };
  const { pollers } = await connection.withDeadline(Date.now() + answerMs, () =>
    connection.workflowService.describeTaskQueue(request),
  );
  if (pollers.length === 0) return null;
  return Math.max(...pollers.map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000));
}
