import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { namedSize, ratioOf, sizeOf } from './output-size.ts';

describe('the size of a film', () => {
  test.each([
    ['4k', 3840, 2160],
    ['1080p', 1920, 1080],
    [' 1080P ', 1920, 1080],
    ['640x360', 640, 360],
    ['640×360', 640, 360],
    ['16:9', 3840, 2160],
    ['9:16', 2160, 3840],
    ['1:1', 2160, 2160],
    ['4:3', 2880, 2160],
    ['2.39:1', 3840, 1606],
    ['1:2.39', 1606, 3840],
  ])('%s is %dx%d', (name, width, height) => {
    expect(namedSize(name)).toEqual({ width, height });
  });

  test.each(['', 'big', '4', '1920', 'x', '0:9', '9:0', '16:1', '1:16', '1.2345:1', 'toString', 'constructor'])(
    '%p is no size',
    (name) => {
      expect(namedSize(name)).toBeNull();
    },
  );

  test.each([
    [{ width: 1280 }, undefined, { width: 1280, height: 720 }],
    [{ height: 720 }, undefined, { width: 1280, height: 720 }],
    [{ height: 1280 }, 9 / 16, { width: 720, height: 1280 }],
    [{ width: 100, height: 30 }, undefined, { width: 100, height: 30 }],
    [{}, undefined, { width: 3840, height: 2160 }],
    [{ width: 7680 }, 0.1, { width: 7680, height: 76_800 }],
  ])('of %p and the ratio %p is %p', (sides, ratio, expected) => {
    expect(sizeOf(sides, ratio)).toEqual(expected);
  });

  test('of a shape is even and differs from it by less than a pixel', () => {
    const sides = fc.integer({ min: 1, max: 1000 });
    fc.assert(
      fc.property(sides, sides, (a, b) => {
        const ratio = ratioOf(`${a}:${b}`);
        fc.pre(ratio !== null);
        const { width, height } = sizeOf({}, ratio);
        expect([width % 2, height % 2]).toEqual([0, 0]);
        expect(Math.min(Math.abs(width - height * ratio), Math.abs(height - width / ratio))).toBeLessThanOrEqual(1);
      }),
    );
  });
});
