import type { ConnectionLike } from '@temporalio/client';
import { workerOf } from './identity.ts';
import { activityQueue } from './queue-type.ts';

/** Each worker reports itself every ten seconds, busy or not. */
const reportSilenceMs = 30_000;
/** One that an older server hears no reports of asks for work within a minute (Temporal's long poll) while it has a free slot. */
const pollSilenceMs = 75_000;
/** Time that the server may take for its answer. */
const answerMs = 5_000;

/** `WORKER_STATUS_RUNNING`. */
const running = 1;

/**
 * Names of the workers of a task queue that live: those that have reported themselves lately, and of those that do not report, who asked for
 * tasks lately. `null` when the server does not answer.
 */
export async function livingWorkers(
  connection: ConnectionLike,
  namespace: string,
  taskQueue: string,
): Promise<readonly string[] | null> {
  const nowMs = Date.now();
  const since = (seen: { readonly seconds?: unknown } | null | undefined): number =>
    nowMs - Number(seen?.seconds ?? 0) * 1000;
  const { workflowService: service } = connection;
  try {
    return await connection.withDeadline(nowMs + answerMs, async () => {
      const queue = { namespace, taskQueue: { name: taskQueue }, taskQueueType: activityQueue };
      const { pollers } = await service.describeTaskQueue(queue);
      const reports = await service
        .listWorkers({ namespace, query: `TaskQueue="${taskQueue}"` })
        .then(({ workersInfo }) => workersInfo.flatMap(({ workerHeartbeat }) => workerHeartbeat ?? []))
        .catch(() => []);
      const reporters = new Set(reports.map(({ workerIdentity }) => workerIdentity));
      const names = [
        ...reports
          .filter(({ status, heartbeatTime }) => Number(status) === running && since(heartbeatTime) <= reportSilenceMs)
          .map(({ workerIdentity }) => workerIdentity),
        ...pollers
          .filter(({ identity, lastAccessTime }) => !reporters.has(identity) && since(lastAccessTime) <= pollSilenceMs)
          .map(({ identity }) => identity),
      ];
      // One that serves an earlier release too goes by several names.
      return [...new Set(names.flatMap((name) => (name == null ? [] : [workerOf(name)])))];
    });
  } catch {
    return null;
  }
}
