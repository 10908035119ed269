import type { ConnectionLike } from '@temporalio/client';
import { workerOf } from '../../workers/identity.ts';
import { activityQueue } from '../../workers/queue-type.ts';

/** A worker as it reports itself to Temporal, every ten seconds. */
export interface WorkerReport {
  /** `pool@host:pid-xxxx`. */
  readonly name: string;
  readonly host: string;
  /** `runs`, `drains`, or `silent` when it has not reported itself for a while. */
  readonly state: 'runs' | 'drains' | 'silent';
  readonly startedMs: number;
  readonly reportedMs: number;
  /** Tasks that it has now. */
  readonly used: number;
  /** Tasks since it began, and how many of them failed. */
  readonly done: number;
  readonly failed: number;
}

/** A task queue with its workers. */
export interface QueueReport {
  readonly queue: string;
  /** About how many tasks wait. */
  readonly waiting: number;
  /** How long about the oldest of them has waited. Milliseconds. */
  readonly oldestMs: number;
  readonly workers: readonly WorkerReport[];
}

/** Time that the server may take for its answer. */
const answerMs = 5_000;
/** Longer than three reports. */
const silenceMs = 35_000;
/** One that has been silent for so long is gone. */
const goneMs = 10 * 60_000;
/** `WORKER_STATUS_SHUTTING_DOWN`, `WORKER_STATUS_SHUTDOWN`. */
const [ending, ended] = [2, 3];

/** Asks Temporal about a queue of activities and about those who serve it. Throws what the client throws. */
export async function reportOf(connection: ConnectionLike, namespace: string, queue: string): Promise<QueueReport> {
  const { workflowService: service } = connection;
  const nowMs = Date.now();
  return connection.withDeadline(nowMs + answerMs, async () => {
    const [{ stats }, { workersInfo }] = await Promise.all([
      service.describeTaskQueue({
        namespace,
        taskQueue: { name: queue },
        taskQueueType: activityQueue,
        reportStats: true,
      }),
      // A server that is too old to know its workers still knows what waits.
      service
        .listWorkers({ namespace, query: `TaskQueue=${JSON.stringify(queue)}` })
        .catch(() => ({ workersInfo: [] })),
    ]);
    const beats = workersInfo.flatMap(({ workerHeartbeat }) => workerHeartbeat ?? []);
    const workers = beats.map((beat): WorkerReport => {
      const reportedMs = Number(beat.heartbeatTime?.seconds ?? 0) * 1000;
      const slots = beat.activityTaskSlotsInfo;
      const status = Number(beat.status);
      return {
        name: beat.workerIdentity ?? '',
        host: beat.hostInfo?.hostName ?? '',
        state: nowMs - reportedMs > silenceMs ? 'silent' : status === ending ? 'drains' : 'runs',
        startedMs: Number(beat.startTime?.seconds ?? 0) * 1000,
        reportedMs: status === ended ? 0 : reportedMs,
        used: slots?.currentUsedSlots ?? 0,
        done: slots?.totalProcessedTasks ?? 0,
        failed: slots?.totalFailedTasks ?? 0,
      };
    });
    return {
      queue,
      waiting: Number(stats?.approximateBacklogCount ?? 0),
      oldestMs: Number(stats?.approximateBacklogAge?.seconds ?? 0) * 1000,
      // One that serves an earlier release too reports itself once for each.
      workers: workers
        .filter(({ name, reportedMs }) => nowMs - reportedMs < goneMs && workerOf(name) === name)
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    };
  });
}
