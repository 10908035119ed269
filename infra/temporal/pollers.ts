import type { ConnectionLike } from '@temporalio/client';
import { activityQueue } from '../../workers/queue-type.ts';

/** Time that a describe call may take before the server counts as one that does not answer. */
const answerMs = 2_000;

/**
 * When a worker last asked a task queue for activities, epoch milliseconds in whole seconds; `null` when none did in the last
 * minutes. Throws what the client throws when the server does not answer.
 */
export async function lastPollMs(
  connection: ConnectionLike,
  namespace: string,
  taskQueue: string,
): Promise<number | null> {
  const request = { namespace, taskQueue: { name: taskQueue }, taskQueueType: activityQueue };
  const { pollers } = await connection.withDeadline(Date.now() + answerMs, () =>
    connection.workflowService.describeTaskQueue(request),
  );
  if (pollers.length === 0) return null;
  return Math.max(...pollers.map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000));
}
