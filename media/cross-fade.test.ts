import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crossFade } from './cross-fade.ts';

describe('crossFade', () => {
  test('goes from one to the other in equal steps', () => {
    expect([...crossFade(new Uint8Array(4).fill(0), new Uint8Array(4).fill(250), 4)]).toEqual([50, 100, 150, 200]);
  });

  test('rounds to the nearest, half up', () => {
    // Weights 1/2: 0.5 and 1.5 go up.
    expect([...crossFade(Uint8Array.of(0, 1, 0), Uint8Array.of(1, 2, 2), 1)]).toEqual([1, 2, 1]);
  });

  const clips = fc
    .record({ count: fc.integer({ min: 1, max: 12 }), size: fc.integer({ min: 1, max: 8 }) })
    .chain(({ count, size }) => {
      const bytes = fc.uint8Array({ minLength: count * size, maxLength: count * size });
      return fc.record({ a: bytes, b: bytes, count: fc.constant(count) });
    });

  test('is within half a code of the exact mean', () => {
    fc.assert(
      fc.property(clips, ({ a, b, count }) => {
        const frameBytes = a.length / count;
        const isNear = (value: number, index: number): boolean => {
          const weight = (Math.floor(index / frameBytes) + 1) / (count + 1);
          return Math.abs(value - (a[index]! * (1 - weight) + b[index]! * weight)) <= 0.5 + 1e-9;
        };
        expect(crossFade(a, b, count).every(isNear)).toBe(true);
      }),
    );
  });

  test('leaves a still picture as it is', () => {
    fc.assert(
      fc.property(clips, ({ a, count }) => {
        expect(crossFade(a, a, count)).toEqual(a);
      }),
    );
  });

  test('refuses clips of two sizes', () => {
    expect(() => crossFade(new Uint8Array(4), new Uint8Array(6), 2)).toThrow(RangeError);
    expect(() => crossFade(new Uint8Array(5), new Uint8Array(5), 2)).toThrow(RangeError);
  });
});
