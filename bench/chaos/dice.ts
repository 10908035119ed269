import { philox4x32 } from '../../tensor/philox.ts';

/** Random numbers in 0…1 that follow from a seed. */
export function createDice(seed: number): () => number {
  const counter = new Uint32Array(4);
  const output = new Uint32Array(4);
  return () => {
    counter[0]! += 1;
    philox4x32(counter, Uint32Array.of(seed, 0), output);
    return output[0]! / 2 ** 32;
  };
}
