/**
 * The failure vocabulary of Shotline. Between processes only `code` lives on (as Temporal's failure `type`), so callers
 * match the string and never use `instanceof` across a process border.
 */

/**
 * What a caller should do: `fatal` never retry, `transient` retry, `smaller` retry with less memory per call, `elsewhere` retry on
 * another worker, for the fault may be one of the worker that met it.
 */
export type Disposition = 'fatal' | 'transient' | 'smaller' | 'elsewhere';

const dispositions = {
  SCRIPT_INVALID: 'fatal',
  MODEL_UNKNOWN: 'fatal',
  MODEL_INVALID: 'fatal',
  MODEL_CORRUPT: 'fatal',
  RESOURCE_MEMORY: 'smaller',
  RESOURCE_DISK: 'transient',
  RESOURCE_ENGINE: 'elsewhere',
  STORAGE_UNAVAILABLE: 'transient',
  STORAGE_DENIED: 'elsewhere',
  ARTIFACT_MISSING: 'fatal',
  ARTIFACT_CORRUPT: 'fatal',
  NUMERIC_INVALID: 'elsewhere',
  MEDIA_FAILED: 'transient',
  SETTING_INVALID: 'fatal',
  STACK_UNAVAILABLE: 'fatal',
  ITEM_STOPPED: 'fatal',
  RELEASE_MISMATCH: 'transient',
  WORKER_UNFIT: 'transient',
  INTERNAL: 'transient',
} as const satisfies Record<string, Disposition>;

/** A stable failure code; `docs/operations.md` lists each with the operator's next step. */
export type ErrorCode = keyof typeof dispositions;

/** Every code there is, for the documentation test. */
export const errorCodes = Object.keys(dispositions) as ErrorCode[];

/** What to do after a failure with this code. */
export function dispositionOf(code: ErrorCode): Disposition {
  return dispositions[code];
}

/** Whether a string that crossed a process border is one of our codes. */
export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(dispositions, value);
}

/**
 * The one error class. `message` says what failed, the value seen, the rule, and the next step; `details` is plain JSON
 * for machines and never holds secrets.
 */
export class PipelineError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;
  readonly disposition: Disposition;

  /** `final` makes a failure fatal that its code would have tried again: enough attempts have been made. */
  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: Readonly<Record<string, unknown>>; cause?: unknown; final?: boolean } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PipelineError';
    this.code = code;
    this.details = options.details ?? {};
    this.disposition = options.final === true ? 'fatal' : dispositions[code];
  }
}
