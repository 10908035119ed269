/** How long an engine may be silent. */
export interface StallLimits {
  /** While nothing is known of its pace: models are opened, first steps run, the last step is decoded. Milliseconds. */
  readonly unknownMs: number;
  /** At least so long, however quick its steps are. Milliseconds. */
  readonly leastMs: number;
  /** So many times its usual step. */
  readonly factor: number;
}

/** The progress that a job reports. */
export interface Progress {
  readonly unit: 'step' | 'frame';
  readonly done: number;
  readonly of: number;
}

/** An engine that was silent for too long. */
export interface Stall {
  readonly silentMs: number;
  readonly limitMs: number;
  /** The last that was heard; `null` when nothing was. */
  readonly last: Progress | null;
}

/** Enough to know a pace by, few enough to follow a change of it. */
const keptIntervals = 15;
/** Time to read what waits in the channel, milliseconds. */
const readingMs = 100;
/** One interval may be the first step, which compiles kernels and is longer than the others. */
const leastIntervals = 2;

/**
 * How long an engine may be silent after `last`, when its reports before came `intervalsMs` apart. The median is no matter of one
 * slow step. Before the second report and after the last one nobody knows what comes, so the limit is that of the unknown.
 */
export function stallLimitMs(intervalsMs: readonly number[], last: Progress | null, limits: StallLimits): number {
  if (isUnpaced(intervalsMs, last)) return limits.unknownMs;
  const sorted = [...intervalsMs].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return Math.min(limits.unknownMs, Math.max(limits.leastMs, limits.factor * median));
}

/** Whether a job's own reports say nothing of what comes. */
function isUnpaced(intervalsMs: readonly number[], last: Progress | null): boolean {
  return last === null || last.done >= last.of || intervalsMs.length < leastIntervals;
}

/** Watches one job of an engine and tells once when it has been silent for too long. */
export class Watchdog {
  readonly #limits: StallLimits;
  readonly #onStall: (stall: Stall) => void;
  #intervalsMs: number[] = [];
  #last: Progress | null = null;
  #heardAtMs = performance.now();
  #longestUnpacedMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: StallLimits, onStall: (stall: Stall) => void) {
    this.#limits = limits;
    this.#onStall = onStall;
    this.#wait();
  }

  /** Milliseconds since the last report, or since the job began. */
  get silentMs(): number {
    return performance.now() - this.#heardAtMs;
  }

  /** The longest silence that the job's own steps told no limit for, the one that lasts included. Milliseconds. */
  get longestUnpacedMs(): number {
    return isUnpaced(this.#intervalsMs, this.#last)
      ? Math.max(this.#longestUnpacedMs, this.silentMs)
      : this.#longestUnpacedMs;
  }

  /** Notes a report. */
  heard(progress: Progress): void {
    this.#longestUnpacedMs = this.longestUnpacedMs;
    const sameCount = progress.unit === this.#last?.unit && progress.done > this.#last.done;
    this.#intervalsMs = sameCount ? [...this.#intervalsMs, this.silentMs].slice(-keptIntervals) : [];
    this.#last = progress;
    this.#heardAtMs = performance.now();
    this.#wait();
  }

  /** Ends the watch; safe to call twice. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const limitMs = stallLimitMs(this.#intervalsMs, this.#last, this.#limits);
    const heardAtMs = this.#heardAtMs;
    this.#timer = setTimeout(() => {
      // A worker that slept itself wakes to reports that wait to be read: they are heard before anybody is blamed.
      this.#timer = setTimeout(() => {
        if (this.#heardAtMs !== heardAtMs) return;
        this.#onStall({ silentMs: Math.round(this.silentMs), limitMs, last: this.#last });
      }, readingMs);
    }, limitMs);
  }
}
