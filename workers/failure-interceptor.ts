import { ApplicationFailure, CancelledFailure, CompleteAsyncError } from '@temporalio/activity';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import type { PipelineError } from '../errors/pipeline-error.ts';
import { asPipelineError, errorName } from '../errors/failures.ts';

/** A failure as Temporal carries it: the code as `type`, fatal codes not to be retried, `details` as its only detail. */
export function toApplicationFailure(error: PipelineError): ApplicationFailure {
  return ApplicationFailure.create({
    message: error.message,
    type: error.code,
    nonRetryable: error.disposition === 'fatal',
    details: [error.details],
    // The error itself would only repeat message and stack; what caused it is news.
    ...(error.cause instanceof Error ? { cause: error.cause } : {}),
  });
}

/** What Temporal understands by itself: cancellation and failures that are its own already. */
function isForTemporal(error: unknown): boolean {
  return (
    error instanceof CancelledFailure ||
    error instanceof ApplicationFailure ||
    error instanceof CompleteAsyncError ||
    errorName(error) === 'AbortError'
  );
}

/** The one place where a worker's errors become Temporal failures. What is not ours is a bug and gets the code `INTERNAL`. */
export const failureInterceptor: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    try {
      return await next(input);
    } catch (error) {
      throw isForTemporal(error) ? error : toApplicationFailure(asPipelineError(error, 'the activity failed'));
    }
  },
};
