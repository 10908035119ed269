import { describe, expect, test } from '@jest/globals';
import { cropOf, resamplePlane } from './resample.ts';

const plane = (width: number, height: number, value: (x: number, y: number) => number) => ({
  width,
  height,
  data: Float32Array.from({ length: width * height }, (_, index) => value(index % width, Math.floor(index / width))),
});
const whole = (width: number, height: number) => ({ left: 0, top: 0, width, height });

describe('resampling', () => {
  test('to the same size changes nothing', () => {
    const picture = plane(5, 4, (x, y) => x * 7 + y * y);
    expect([...resamplePlane(picture, whole(5, 4), 5, 4)]).toEqual([...picture.data]);
  });

  test('keeps a flat colour flat, whatever the sizes', () => {
    for (const [width, height] of [
      [1, 1],
      [3, 17],
      [40, 2],
    ] as const) {
      const made = resamplePlane(
        plane(13, 7, () => 200),
        whole(13, 7),
        width,
        height,
      );
      for (const value of made) expect(value).toBeCloseTo(200, 4);
    }
  });

  // Pillow 13.0.0: Image.fromarray(float32, 'F').resize((w, h), BILINEAR, box=(left, top, right, bottom)).
  test.each([
    [whole(6, 1), 3, [10.0, 51.25, 47.1429]],
    [whole(6, 1), 4, [6.25, 32.2222, 61.1111, 45.0]],
    [whole(6, 1), 9, [10.0, 5.0, 6.6667, 33.3333, 65.0, 78.3333, 31.6667, 40.0, 60.0]],
    [{ left: 1.25, top: 0, width: 3.5, height: 1 }, 2, [30.0, 56.25]],
  ])('of a row, box %j to %i numbers, equals Pillow', (box, width, expected) => {
    const row = { width: 6, height: 1, data: [10, 0, 40, 90, 20, 60] };
    const made = resamplePlane(row, box, width, 1);
    expect(made).toHaveLength(expected.length);
    made.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index]!, 3);
    });
  });
});

test('the largest crop of a shape lies in the middle', () => {
  expect(cropOf({ width: 300, height: 100 }, { width: 256, height: 144 })).toEqual({
    left: (300 - 1600 / 9) / 2,
    top: 0,
    width: 1600 / 9,
    height: 100,
  });
  expect(cropOf({ width: 100, height: 300 }, { width: 10, height: 10 })).toEqual({
    left: 0,
    top: 100,
    width: 100,
    height: 100,
  });
  expect([0, 0.25, 1].map((focus) => cropOf({ width: 100, height: 300 }, { width: 1, height: 1 }, focus).top)).toEqual([
    0, 50, 200,
  ]);
});
