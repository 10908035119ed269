import type { StallLimits } from './watchdog.ts';

/** Jobs of a kind that an engine must have done before they say anything of the next. */
const leastJobs = 2;
/** How many least limits a job gets at least where its own steps say nothing. */
const leastFactor = 3;

/**
 * How long the jobs of one engine process were silent where their own steps told no limit: before the first steps and after the last. It
 * begins anew with each process, so a limit that was too short costs one process and is not met again by its successor.
 */
export class Paces {
  readonly #longestMs = new Map<string, { readonly jobs: number; readonly ms: number }>();
  #openingMs = 0;

  /** The limits of a job of a kind: those given, and shorter ones for the unknown when it is known after all. */
  limitsOf(kind: string, limits: StallLimits): StallLimits {
    const known = this.#longestMs.get(kind);
    if (known === undefined || known.jobs < leastJobs) return limits;
    // A model that was closed for want of room is opened again in the middle of any job.
    const usualMs = limits.factor * Math.max(known.ms, this.#openingMs);
    return { ...limits, unknownMs: Math.min(limits.unknownMs, Math.max(leastFactor * limits.leastMs, usualMs)) };
  }

  /** Notes the longest silence of a job that was done. */
  learn(kind: string, longestMs: number): void {
    const { jobs, ms } = this.#longestMs.get(kind) ?? { jobs: 0, ms: 0 };
    this.#longestMs.set(kind, { jobs: jobs + 1, ms: Math.max(ms, longestMs) });
  }

  /** Notes how long it took to open models ahead of jobs. */
  opened(milliseconds: number): void {
    this.#openingMs = Math.max(this.#openingMs, milliseconds);
  }
}
