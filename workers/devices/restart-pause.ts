const firstMs = 1_000;
const longestMs = 5 * 60_000;
/** Who has worked for so long has not failed at its start. */
const soundMs = 10 * 60_000;

/** A worker that ended by itself. */
export interface EndedRun {
  /** How long it ran. Milliseconds. */
  readonly ranMs: number;
  /** Ends in a row before this one, each after a short run. */
  readonly inRow: number;
}

/**
 * How long to wait before a worker is started again: a second at first, twice as long after each short run, five minutes at
 * most. `inRow` is the number to go on with.
 */
export function restartPause({ ranMs, inRow }: EndedRun): { readonly pauseMs: number; readonly inRow: number } {
  const row = ranMs >= soundMs ? 1 : inRow + 1;
  return { pauseMs: Math.min(longestMs, firstMs * 2 ** (row - 1)), inRow: row };
}
