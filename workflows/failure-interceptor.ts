import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { asFailure } from './failure.ts';

/**
 * A workflow whose code finds something wrong ends with the code of that failure. Handlers of updates turn their own: an
 * interceptor would let other code run between a handler and its answer, and recorded histories would not replay.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  inbound: [
    {
      execute: (input, next) =>
        next(input).catch((error: unknown) => {
          throw asFailure(error);
        }),
    },
  ],
});
