import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { leastOverlap, tileSpans, tilesOf } from './tiles.ts';

const sides = fc.record({
  length: fc.integer({ min: 1, max: 300 }),
  most: fc.integer({ min: 4, max: 40 }).map((half) => 2 * half),
});

describe('tiles', () => {
  test('weights of every point sum to one', () => {
    fc.assert(
      fc.property(sides, fc.integer({ min: 1, max: 16 }), ({ length, most }, fine) => {
        const sums = new Float64Array(length * fine);
        for (const span of tileSpans(length, most, fine)) {
          expect(span.weights).toHaveLength(span.length * fine);
          span.weights.forEach((weight, point) => (sums[span.start * fine + point]! += weight));
        }
        // One look at all points: an expectation for each is what takes the time.
        expect(sums.every((sum) => Math.abs(sum - 1) < 1e-12)).toBe(true);
      }),
    );
  });

  test('they begin at even cells, overlap by a quarter and are one cell longer than asked for at most', () => {
    fc.assert(
      fc.property(sides, ({ length, most }) => {
        const spans = tileSpans(length, most);
        for (const [index, { start, length: size }] of spans.entries()) {
          expect(start % 2).toBe(0);
          expect(size).toBeLessThanOrEqual(most + 1);
          const before = spans[index - 1];
          if (before === undefined) continue;
          expect(before.start + before.length - start).toBeGreaterThanOrEqual(Math.ceil(most * leastOverlap));
        }
        expect(spans[0]?.start).toBe(0);
        expect(spans.at(-1)!.start + spans.at(-1)!.length).toBe(length);
      }),
    );
  });

  test('a weight rises smoothly across an overlap', () => {
    const [first, second] = tileSpans(28, 16);
    expect(first?.start).toBe(0);
    expect(second?.start).toBe(12);
    const across = [...second!.weights.slice(0, 4)];
    expect(across).toEqual([...across].sort((a, b) => a - b));
    expect(across[0]! + across[3]!).toBeCloseTo(1, 12);
  });

  test('a picture has them row by row', () => {
    const starts = tilesOf(20, 28, { width: 16, height: 20 }).map(({ rows, columns }) => [rows.start, columns.start]);
    expect(starts).toEqual([
      [0, 0],
      [0, 12],
    ]);
  });

  test('refuses tiles that cannot overlap', () => {
    expect(() => tileSpans(30, 6)).toThrow('at least 8');
    expect(() => tileSpans(30, 9)).toThrow('even');
  });
});
