import type fc from 'fast-check';

/** What is fuzzed: how inputs come to be, and what takes them. */
export interface FuzzTarget {
  readonly inputs: fc.Arbitrary<Uint8Array>;
  /** Takes an input; returns what came of it, and throws what the code throws. */
  run(input: Uint8Array): Promise<string>;
  /** How a kept input is named. */
  readonly extension: string;
}
