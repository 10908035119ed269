import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { frameToYuv } from './frames-to-yuv.ts';

/** A 2×2 picture of one colour. */
const flat = (r: number, g: number, b: number): Uint8Array =>
  Uint8Array.from([r, g, b].flatMap((value) => [value, value, value, value]));
const codes = (rgb: Uint8Array | Float32Array): number[] => {
  const { y, u, v } = frameToYuv(rgb, 2, 2);
  return [y[0]!, u[0]!, v[0]!];
};

describe('frameToYuv', () => {
  // 8-bit codes of the 100 % colour bars, as broadcast test generators give them for BT.709.
  test.each([
    ['black', [0, 0, 0], [16, 128, 128]],
    ['white', [255, 255, 255], [235, 128, 128]],
    ['red', [255, 0, 0], [63, 102, 240]],
    ['green', [0, 255, 0], [173, 42, 26]],
    ['blue', [0, 0, 255], [32, 240, 118]],
    ['yellow', [255, 255, 0], [219, 16, 138]],
    ['cyan', [0, 255, 255], [188, 154, 16]],
    ['magenta', [255, 0, 255], [78, 214, 230]],
  ] as const)('gives the codes of %s', (_, [r, g, b], expected) => {
    expect(codes(flat(r, g, b))).toEqual(expected);
  });

  test('gives the same codes for bytes and for floats, and clamps floats', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (bytes) => {
        const floats = Float32Array.from(bytes, (value) => value / 127.5 - 1);
        const a = frameToYuv(bytes, 2, 2);
        const b = frameToYuv(floats, 2, 2);
        for (const plane of ['y', 'u', 'v'] as const) {
          a[plane].forEach((value, index) => {
            expect(Math.abs(value - b[plane][index]!)).toBeLessThanOrEqual(1);
          });
        }
      }),
    );
    expect(codes(new Float32Array(12).fill(9))).toEqual([235, 128, 128]);
  });

  test('stays in the limited range', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 12 }), (bytes) => {
        const { y, u, v } = frameToYuv(bytes, 2, 2);
        for (const value of y) expect(value >= 16 && value <= 235).toBe(true);
        for (const value of [...u, ...v]) expect(value >= 16 && value <= 240).toBe(true);
      }),
    );
  });

  test('takes the mean chroma of a square', () => {
    const rgb = Uint8Array.from([255, 0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 0]);
    const { y, u, v } = frameToYuv(rgb, 2, 2);
    expect([...y, ...u, ...v]).toEqual([235, 16, 235, 16, 128, 128]);
  });

  test('refuses odd sizes and wrong lengths', () => {
    expect(() => frameToYuv(new Uint8Array(9), 3, 1)).toThrow(RangeError);
    expect(() => frameToYuv(new Uint8Array(11), 2, 2)).toThrow(RangeError);
  });
});
