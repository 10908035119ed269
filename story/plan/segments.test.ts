import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutIntoSegments, segmentFrames } from './segments.ts';

describe('cutting a run of frames into segments', () => {
  test('a shot of 61 frames gives 21, 20 and 20', () => {
    expect(cutIntoSegments({ from: 0, count: 61 })).toEqual([
      { from: 0, count: 21 },
      { from: 21, count: 20 },
      { from: 41, count: 20 },
    ]);
  });

  test('an empty run gives no segment', () => {
    expect(cutIntoSegments({ from: 5, count: 0 })).toEqual([]);
  });

  test('segments cover the run without gap or overlap, bounded and nearly equal', () => {
    fc.assert(
      fc.property(
        fc.nat(100),
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 64 }),
        (from, count, most) => {
          const pieces = cutIntoSegments({ from, count }, most);
          const starts = pieces.map(
            (_, index) => from + pieces.slice(0, index).reduce((sum, piece) => sum + piece.count, 0),
          );
          expect(pieces.map((piece) => piece.from)).toEqual(starts);
          expect(pieces.reduce((sum, piece) => sum + piece.count, 0)).toBe(count);
          const counts = pieces.map((piece) => piece.count);
          expect(Math.max(...counts)).toBeLessThanOrEqual(most);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
          expect(pieces.length).toBe(Math.ceil(count / most));
        },
      ),
    );
  });

  test('the bound is the one that the budget of a segment was set with', () => {
    expect(Math.max(...cutIntoSegments({ from: 0, count: 1000 }).map((piece) => piece.count))).toBeLessThanOrEqual(
      segmentFrames,
    );
  });
});
