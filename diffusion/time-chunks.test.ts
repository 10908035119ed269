import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chunksFor, timeChunks } from './time-chunks.ts';

const clips = fc
  .record({
    keyStep: fc.constantFrom(1, 2, 4, 8),
    numKeys: fc.integer({ min: 1, max: 80 }),
    length: fc.integer({ min: 9, max: 32 }),
  })
  .map(({ keyStep, numKeys, length }) => ({ keyStep, length, numFrames: (numKeys - 1) * keyStep + 1 }));

describe('time chunks', () => {
  test('are those of VEnhancer, up to the last', () => {
    expect(timeChunks(61, 24, 1).map(({ from, count }) => [from, from + count])).toEqual([
      [0, 24],
      [12, 36],
      [24, 48],
      [36, 60],
      [37, 61],
    ]);
  });

  test('the weights of a frame sum to one, and chunks lie between keys', () => {
    fc.assert(
      fc.property(clips, ({ numFrames, length, keyStep }) => {
        const sums = new Float64Array(numFrames);
        for (const { from, count, weights } of timeChunks(numFrames, length, keyStep)) {
          expect(from % keyStep).toBe(0);
          expect((count - 1) % keyStep).toBe(0);
          expect(count).toBeLessThanOrEqual(length);
          weights.forEach((weight, place) => (sums[from + place]! += weight));
        }
        expect(sums.every((sum) => Math.abs(sum - 1) < 1e-12)).toBe(true);
      }),
    );
  });

  test('neighbours share half their length, and one fades into the other in a straight line', () => {
    const [first, second] = timeChunks(61, 9, 1);
    expect([...first!.weights]).toEqual([1, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0]);
    expect([...second!.weights]).toEqual([0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25, 0]);
  });

  test('a part of a clip has the same chunks and weights as the whole has there', () => {
    fc.assert(
      fc.property(clips, fc.nat(), fc.nat(), ({ numFrames, length, keyStep }, a, b) => {
        const from = a % numFrames;
        const run = { from, count: 1 + (b % (numFrames - from)) };
        const chunks = timeChunks(numFrames, length, keyStep);
        const weightsOf = (parts: typeof chunks, frame: number) =>
          parts.flatMap((each) => {
            const weight = each.weights[frame - each.from];
            return weight === undefined || weight === 0 ? [] : [[each.from, Math.round(weight * 1e9)]];
          });
        const part = chunksFor(chunks, run);
        const frames = Array.from({ length: run.count }, (_, index) => from + index);
        expect(frames.map((frame) => weightsOf(part, frame))).toEqual(frames.map((frame) => weightsOf(chunks, frame)));
      }),
    );
  });

  test('context frames count in full where their other chunk is left out', () => {
    const part = chunksFor(timeChunks(61, 9, 1), { from: 24, count: 8 });
    expect(part.map(({ from }) => from)).toEqual([20, 24, 28]);
    expect([...part[0]!.weights.slice(0, 5)]).toEqual([1, 1, 1, 1, 1]);
  });

  test('a clip begins and ends with a key', () => {
    expect(() => timeChunks(60, 9, 4)).toThrow('begins and ends with a key');
    expect(() => timeChunks(61, 4, 4)).toThrow('a chunk has two');
  });
});
