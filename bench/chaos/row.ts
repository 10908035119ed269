import type { ChaosFarm } from './chaos-farm.ts';

/** What a row has to work with. */
export interface Chaos {
  readonly farm: ChaosFarm;
  /** Random numbers in 0…1. */
  readonly random: () => number;
  /** How many processes `kills` kills. */
  readonly kills: number;
}

/** What was seen. A row that did not come to what it expects throws. */
export interface Observation {
  readonly observed: string;
  /** Seconds from each fault, or its end, to the next thing that was made. */
  readonly progress: readonly number[];
}

interface Fault {
  readonly name: string;
  readonly fault: string;
  readonly expected: string;
}

/** A fault that is brought about on the farm. */
export interface FarmRow extends Fault {
  /** @throws Error with what came instead. */
  readonly run: (chaos: Chaos) => Promise<Observation>;
}

/** A fault that tests bring about, with servers of their own. */
export interface TestRow extends Fault {
  /** @throws Error with what came instead. */
  readonly runTests: () => Promise<Observation>;
}

/** Why a row cannot be run here. */
export class Skipped extends Error {}
