import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { quantizePixels } from './pixels.ts';

const bytesOf = (...pixels: number[]): number[] => {
  const target = new Uint8Array(pixels.length);
  quantizePixels(Float32Array.from(pixels), target, 0);
  return [...target];
};

test('−1, 0 and 1 become 0, 128 and 255, and what lies outside is clamped', () => {
  expect(bytesOf(-1, 0, 1, -7, 7)).toEqual([0, 128, 255, 0, 255]);
});

test('every byte comes back from the pixel it stands for', () => {
  for (let byte = 0; byte < 256; byte++) expect(bytesOf((byte / 255) * 2 - 1)).toEqual([byte]);
});

test('order is kept', () => {
  const pixel = fc.float({ min: -2, max: 2, noNaN: true });
  fc.assert(
    fc.property(pixel, pixel, (left, right) => {
      const [low, high] = bytesOf(Math.min(left, right), Math.max(left, right)) as [number, number];
      expect(low).toBeLessThanOrEqual(high);
    }),
  );
});

test('pixels that are not numbers are counted, and bytes before the offset are left alone', () => {
  const target = Uint8Array.of(9, 9, 9, 9);
  expect(quantizePixels(Float32Array.of(Number.NaN, 1, Number.POSITIVE_INFINITY), target, 1)).toBe(2);
  expect(target[0]).toBe(9);
  expect(target[2]).toBe(255);
});
