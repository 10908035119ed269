import { Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import { asPipelineError, errorName } from '../../engine/failures.ts';
import { Heartbeat } from './heartbeat.ts';

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
}

/**
 * Runs one attempt of an activity: it beats from the first look into the store until it has settled, its failure counts as
 * a setback where it is one, and what it throws because it was stopped is a cancel. Must be called inside an activity.
 *
 * @throws CancelledFailure after `signal` has fired, unless the work was finished first.
 * @throws PipelineError with the code of what failed.
 */
export async function withAttempt<Result>(
  { doing, log, leastShrink }: AttemptOptions,
  use: (attempt: Attempt) => Promise<Result>,
): Promise<Result> {
  const activity = Context.current();
  const signal = activity.cancellationSignal;
  const beat = new Heartbeat(activity, leastShrink);
  try {
    return await use({ signal, beat });
  } catch (error) {
    if (signal.aborted && isStop(error)) {
      log.info({ reason: activity.cancellationDetails }, 'handed back');
      return await activity.cancelled;
    }
    throw beat.fail(asPipelineError(error, doing));
  } finally {
    beat.stop();
  }
}

/** Errors that mean "stopped as asked" once the activity's signal has fired. */
function isStop(error: unknown): boolean {
  return ['EngineCancelled', 'AbortError', 'CancelledFailure'].includes(errorName(error) ?? '');
}
