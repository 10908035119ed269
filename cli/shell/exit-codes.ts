import type { ErrorCode } from '../../errors/pipeline-error.ts';

/** Why the command ended: the names of the exit codes. */
export type Outcome =
  | 'ok'
  | 'usage'
  | 'script'
  | 'failed'
  | 'unavailable'
  | 'cancelled'
  | 'models'
  | 'absent'
  | 'unfit'
  | 'internal'
  | 'output'
  | 'detached';

/** One row of the table that `--help` and `docs/cli.md` print. */
export interface ExitCode {
  readonly outcome: Outcome;
  readonly code: number;
  readonly meaning: string;
}

/** Every exit code of `shotline`. Scripts build on these numbers: rows are added, never changed. */
export const exitCodes: readonly ExitCode[] = [
  { outcome: 'ok', code: 0, meaning: 'done' },
  { outcome: 'usage', code: 2, meaning: 'wrong command line or configuration' },
  { outcome: 'script', code: 3, meaning: 'the story script is invalid; every problem is listed' },
  { outcome: 'failed', code: 4, meaning: 'the story failed; the item, the stage and the next step are printed' },
  { outcome: 'unavailable', code: 5, meaning: 'Temporal, the storage or the local stack cannot be reached or refuses' },
  { outcome: 'cancelled', code: 6, meaning: 'the story was cancelled' },
  { outcome: 'models', code: 7, meaning: 'a model set or package is missing, invalid or altered' },
  { outcome: 'absent', code: 8, meaning: 'no story with that id, or it has no film yet' },
  {
    outcome: 'unfit',
    code: 9,
    meaning: 'a worker is not fit for work: its storage, its device or its results; the last line says which',
  },
  { outcome: 'internal', code: 70, meaning: 'a bug in Shotline; the stack is printed' },
  { outcome: 'output', code: 74, meaning: 'done, but stdout could not be written whole, as on a full disk' },
  { outcome: 'detached', code: 130, meaning: 'Ctrl-C: the command left, the story goes on' },
];

/** The number of an outcome. */
export function exitCodeOf(outcome: Outcome): number {
  const row = exitCodes.find((candidate) => candidate.outcome === outcome);
  if (row === undefined) throw new Error(`no exit code for outcome ${outcome}`);
  return row.code;
}

const outcomes = {
  SCRIPT_INVALID: 'script',
  MODEL_UNKNOWN: 'models',
  MODEL_INVALID: 'models',
  MODEL_CORRUPT: 'models',
  RESOURCE_MEMORY: 'failed',
  RESOURCE_DISK: 'failed',
  RESOURCE_ENGINE: 'failed',
  STORAGE_UNAVAILABLE: 'unavailable',
  STORAGE_DENIED: 'unavailable',
  ARTIFACT_MISSING: 'failed',
  ARTIFACT_CORRUPT: 'failed',
  NUMERIC_INVALID: 'failed',
  MEDIA_FAILED: 'failed',
  RELEASE_MISMATCH: 'failed',
  WORKER_UNFIT: 'unfit',
  SETTING_INVALID: 'usage',
  STACK_UNAVAILABLE: 'unavailable',
  ITEM_STOPPED: 'failed',
  INTERNAL: 'internal',
} as const satisfies Record<ErrorCode, Outcome>;

/** How the command ends when an error with this code reaches it outside a story. Inside a story it is always `failed`. */
export function outcomeOfError(code: ErrorCode): Outcome {
  return outcomes[code];
}

/** The table as lines for `--help`. */
export function exitCodeLines(): string[] {
  return exitCodes.map(({ code, meaning }) => `  ${String(code).padStart(3)}  ${meaning}`);
}
