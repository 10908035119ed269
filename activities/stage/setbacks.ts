import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ErrorCode } from '../../errors/pipeline-error.ts';

/**
 * Failures that another attempt may cure, on another host or with fewer frames per model call, but not without end: a task
 * that runs out of memory or loses its engine each time would be tried for days. Waiting for storage or for disk space
 * is no setback: nothing is wrong with the task.
 */
const counted: ReadonlySet<ErrorCode> = new Set(['RESOURCE_MEMORY', 'RESOURCE_ENGINE']);

/** One attempt as it is, and five that halve the frames per call: 24, the frames of a segment, are one by then. */
export const maxSetbacks = 6;

/** A failure with the setbacks of its task up to and with it. */
export interface CountedFailure {
  readonly setbacks: number;
  /** The failure itself; from the last setback on one that is not retried, with the same code. */
  readonly failure: PipelineError;
}

/** Counts a failure. `before` is the number of setbacks in the attempts before. */
export function countSetback(failure: PipelineError, before: number): CountedFailure {
  if (!counted.has(failure.code)) return { setbacks: before, failure };
  const setbacks = before + 1;
  if (setbacks < maxSetbacks) return { setbacks, failure };
  const { code, message, details } = failure;
  const final = `${message}. That was setback ${setbacks} of ${maxSetbacks} for want of memory or of a living engine; no more attempts are made`;
  return { setbacks, failure: new PipelineError(code, final, { details, cause: failure, final: true }) };
}
