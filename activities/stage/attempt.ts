import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import { asPipelineError, errorName } from '../../errors/failures.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ArtifactName } from '../../story/plan/task.ts';
import { Heartbeat } from './heartbeat.ts';
import { countSetback, leaveMs } from './setbacks.ts';
import type { CountedFailure, Place, TaskPast } from './setbacks.ts';
import { aloneAndWell } from './worker-health.ts';
import type { WorkerHealth } from './worker-health.ts';

/** What one attempt of an activity has at hand. */
export interface Attempt {
  /** Fires after a cancel, pause, reset or worker shutdown. */
  readonly signal: AbortSignal;
  readonly beat: Heartbeat;
}

/** What is known of an attempt before it begins. */
export interface AttemptOptions {
  /** What it does, for the message of its failure. */
  readonly doing: string;
  readonly log: Logger;
  /** The memory level to begin at, whatever the attempt before had; 0 when absent. */
  readonly leastShrink?: number;
  /** The worker that makes it. Absent, it is the only one, and sound. */
  readonly health?: WorkerHealth | undefined;
  /** The artifact that it makes, when it is one of a stage. */
  readonly task?: ArtifactName;
}

/**
 * Runs one attempt of an activity: it beats from the first look into the store until it has settled, its failure counts as
 * a setback where it is one, and what it throws because it was stopped is a cancel. Must be called inside an activity.
 *
 * @throws CancelledFailure after `signal` has fired, unless the work was finished first.
 * @throws PipelineError with the code of what failed; `WORKER_UNFIT` when the worker itself is at fault.
 * @throws ApplicationFailure `WORKER_UNFIT` when the task is left to another worker, with the time until its next attempt.
 */
export async function withAttempt<Result>(
  { doing, log, leastShrink, health = aloneAndWell, task }: AttemptOptions,
  use: (attempt: Attempt) => Promise<Result>,
): Promise<Result> {
  const activity = Context.current();
  const signal = activity.cancellationSignal;
  const beat = new Heartbeat(activity, leastShrink);
  try {
    await leaveToOthers(beat, health, doing);
    return await use({ signal, beat });
  } catch (error) {
    if (signal.aborted && isStop(error)) {
      log.info({ reason: activity.cancellationDetails }, 'handed back');
      return await activity.cancelled;
    }
    if (error instanceof ApplicationFailure) throw error;
    const failed = asPipelineError(error, doing);
    const { past, failure } = await countAt(health, failed, beat.past, task ?? null);
    beat.fail(failed, past);
    throw failure;
  } finally {
    beat.stop();
  }
}

/** Counts a failure, unless the worker finds itself at fault. */
async function countAt(
  health: WorkerHealth,
  failure: PipelineError,
  past: TaskPast,
  task: ArtifactName | null,
): Promise<CountedFailure> {
  if (failure.disposition !== 'elsewhere') return countSetback(failure, past, { worker: health.worker, others: null });
  const fault = await health.faultOf(failure);
  if (fault === null) {
    health.failed(task);
    return countSetback(failure, past, await placeOf(health, past));
  }
  const unfit = new PipelineError(
    'WORKER_UNFIT',
    `${failure.message}. The fault is one of worker ${health.worker}, whose own check fails too (${fault}); another worker takes the task`,
    // Without causes: Temporal keeps 4 kB of a failure that is tried again, and of a larger one not even the message.
    { details: { worker: health.worker, code: failure.code } },
  );
  return { past, failure: unfit };
}

/** A task that failed here goes to a worker that has not tried it, while there is one. */
async function leaveToOthers(beat: Heartbeat, health: WorkerHealth, doing: string): Promise<void> {
  const { past } = beat;
  if (past.failedOn[health.worker] === undefined) return;
  const place = await placeOf(health, past);
  const forMs = leaveMs(past, place);
  if (forMs === null) return;
  beat.carry({ ...past, leftTo: past.leftTo + 1 });
  health.left(forMs);
  const seconds = String(forMs / 1000);
  throw ApplicationFailure.create({
    type: 'WORKER_UNFIT',
    message: `${doing}: it has failed on worker ${health.worker} before, and ${String(place.others)} of its pool have not tried it; it is left to them and comes up again in ${seconds} s`,
    details: [{ worker: health.worker, failedOn: past.failedOn }],
    nextRetryDelay: forMs,
  });
}

async function placeOf(health: WorkerHealth, { failedOn }: TaskPast): Promise<Place> {
  const { worker } = health;
  const peers = await health.peers();
  const others = peers?.filter((peer) => peer !== worker && failedOn[peer] === undefined).length ?? null;
  return { worker, others };
}

/** Errors that mean "stopped as asked" once the activity's signal has fired. */
function isStop(error: unknown): boolean {
  return ['EngineCancelled', 'AbortError', 'CancelledFailure'].includes(errorName(error) ?? '');
}
