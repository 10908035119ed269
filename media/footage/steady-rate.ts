import type { FootageRate } from './footage-header.ts';

/**
 * Footage at a constant rate. Cameras and recorders of screens write frames when they have them; a film shows frames at equal
 * distances. Each place of the grid shows the frame that was last begun when it comes.
 */

/** Rates that cameras, films and screens have. */
const usualRates: readonly FootageRate[] = [
  { num: 24000, den: 1001 },
  { num: 30000, den: 1001 },
  { num: 60000, den: 1001 },
  ...[5, 8, 10, 12, 15, 16, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120, 240].map((num) => ({ num, den: 1 })),
];

/** How far from a usual rate one may be that is meant to be it. */
const tolerance = 0.004;

/** The rate of footage whose frames come at irregular times is not taken higher, frames per second. */
const mostVarying = 60;

/** How footage is brought to a constant rate. */
export interface SteadyRate {
  readonly rate: FootageRate;
  /** Whether its frames came at other times. */
  readonly varies: boolean;
}

/**
 * The rate of footage by the times of its frames.
 * @param times Seconds, in any order.
 * @param said What the header says; it decides where the times leave a choice.
 */
export function steadyRateOf(times: Float64Array, said: FootageRate | null): SteadyRate {
  const sorted = Float64Array.from(times).sort();
  const gaps = sorted.subarray(1).map((time, index) => time - sorted[index]!);
  const steps = gaps.filter((gap) => gap > 0).sort();
  const median = steps[Math.floor(steps.length / 2)];
  if (median === undefined) return { rate: said ?? { num: 24, den: 1 }, varies: false };
  // Milliseconds of a container jitter; over the whole length they do not.
  const mean = (sorted.at(-1)! - sorted[0]!) / (sorted.length - 1);
  const even = nearestRate(1 / mean, said);
  if (isGrid(sorted, even)) return { rate: even, varies: false };
  const quick = steps[Math.floor(steps.length / 10)]!;
  return { rate: nearestRate(Math.min(mostVarying, 1 / quick), said), varies: true };
}

/** Whether every frame lies near a place of its own on the grid of a rate. */
function isGrid(sorted: Float64Array, { num, den }: FootageRate): boolean {
  const first = sorted[0] ?? 0;
  return sorted.every((time, index) => Math.abs(((time - first) * num) / den - index) < 0.45);
}

function nearestRate(fps: number, said: FootageRate | null): FootageRate {
  const known = said === null ? usualRates : [said, ...usualRates];
  const distance = ({ num, den }: FootageRate): number => Math.abs(num / den / fps - 1);
  const nearest = known.reduce((best, rate) => (distance(rate) < distance(best) ? rate : best));
  return distance(nearest) < tolerance ? nearest : { num: Math.max(1, Math.round(fps * 1000)), den: 1000 };
}

/** Which frame a place of the grid shows, as frames come. */
export class SteadyPlaces {
  readonly #rate: FootageRate;
  #place = -1;

  constructor(rate: FootageRate) {
    this.#rate = rate;
  }

  /**
   * How many places the frame before is shown for, now that the next one begins: 0 when that takes its place.
   * @param seconds From the first frame; `null`: right behind the one before.
   */
  next(seconds: number | null): number {
    const place = seconds === null ? this.#place + 1 : Math.round((seconds * this.#rate.num) / this.#rate.den);
    const before = this.#place;
    this.#place = Math.max(before, place, 0);
    return before < 0 ? 0 : this.#place - before;
  }

  /** How many places the last frame is shown for, once at least. */
  last(lasts: number): number {
    return this.#place < 0 ? 0 : Math.max(1, Math.round((lasts * this.#rate.num) / this.#rate.den));
  }
}
