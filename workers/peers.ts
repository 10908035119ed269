import type { NativeConnection } from '@temporalio/worker';
import { workerOf } from './identity.ts';
import { activityQueue } from './queue-type.ts';

/** A worker with a free slot asks again within a minute (Temporal's long poll), and each reports itself every ten seconds. */
const silenceMs = 75_000;
/** Time that the server may take for its answer. */
const answerMs = 5_000;

/** `WORKER_STATUS_RUNNING`. */
const running = 1;

/**
 * Identities of the workers of a task queue that live: those that report themselves, busy ones too, and those that asked for
 * tasks lately, which alone an older server knows. `null` when the server does not answer.
 */
export async function livingWorkers(
  connection: NativeConnection,
  namespace: string,
  taskQueue: string,
): Promise<readonly string[] | null> {
  const since = Date.now() - silenceMs;
  const lives = (seen: { readonly seconds?: unknown } | null | undefined): boolean =>
    Number(seen?.seconds ?? 0) * 1000 >= since;
  const { workflowService: service } = connection;
  try {
    return await connection.withDeadline(Date.now() + answerMs, async () => {
      const queue = { namespace, taskQueue: { name: taskQueue }, taskQueueType: activityQueue };
      const { pollers } = await service.describeTaskQueue(queue);
      const reported = await service
        .listWorkers({ namespace, query: `TaskQueue="${taskQueue}"` })
        .then(({ workersInfo }) => workersInfo.flatMap(({ workerHeartbeat }) => workerHeartbeat ?? []))
        .catch(() => []);
      const ended = new Set(
        reported.filter(({ status }) => Number(status) !== running).map(({ workerIdentity }) => workerIdentity),
      );
      const names = [
        ...reported.filter(({ heartbeatTime }) => lives(heartbeatTime)).map(({ workerIdentity }) => workerIdentity),
        ...pollers.filter(({ lastAccessTime }) => lives(lastAccessTime)).map(({ identity }) => identity),
      ];
      // One that serves an earlier release too goes by several names.
      return [...new Set(names.flatMap((name) => (name == null || ended.has(name) ? [] : [workerOf(name)])))];
    });
  } catch {
    return null;
  }
}
