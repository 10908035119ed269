import { describe, expect, test } from '@jest/globals';
import { cutParts, mirrored, onCanvas, partOfShape, wholeIn } from './frame-part.ts';

const film = { width: 3840, height: 2160 };
const centre = { focus: 0.5, even: true };

describe('the largest part of a shape', () => {
  test.each([
    [
      'a frame of 8:5 loses rows above and below',
      { width: 512, height: 320 },
      { left: 0, top: 16, width: 512, height: 288 },
    ],
    ['a square loses rows', { width: 512, height: 512 }, { left: 0, top: 112, width: 512, height: 288 }],
    ['a wider frame loses columns', { width: 600, height: 288 }, { left: 44, top: 0, width: 512, height: 288 }],
    [
      'a frame of the film’s shape stays whole',
      { width: 256, height: 144 },
      { left: 0, top: 0, width: 256, height: 144 },
    ],
    ['a sliver keeps a pair of rows', { width: 2, height: 100 }, { left: 0, top: 49, width: 2, height: 2 }],
  ])('%s', (_, frame, expected) => {
    expect(partOfShape(frame, film, centre)).toEqual(expected);
  });

  test.each([
    [0, { left: 0, top: 0, width: 81, height: 144 }],
    [0.3, { left: 52, top: 0, width: 81, height: 144 }],
    [0.5, { left: 87, top: 0, width: 81, height: 144 }],
    [1, { left: 175, top: 0, width: 81, height: 144 }],
  ])('with focus %d of an upright film', (focus, expected) => {
    const clip = { width: 256, height: 144 };
    expect(partOfShape(clip, { width: 2160, height: 3840 }, { focus, even: false })).toEqual(expected);
  });
});

test.each([
  ['a lying clip in an upright film', { width: 256, height: 144 }, { width: 1080, height: 1920 }, [0, 656, 1080, 608]],
  ['a square clip in a lying film', { width: 64, height: 64 }, { width: 1920, height: 1080 }, [420, 0, 1080, 1080]],
])('a whole picture in a film: %s', (_, clip, size, [left, top, width, height]) => {
  expect(wholeIn(size, clip)).toEqual({ left, top, width, height });
});

describe('cutting parts', () => {
  /** Two frames of 4x3 whose pixels tell frame, colour, row and column. */
  const frames = {
    count: 2,
    width: 4,
    height: 3,
    data: Uint8Array.from({ length: 72 }, (_, index) => 3 * index),
  };
  const at = (frame: number, colour: number, row: number, column: number): number =>
    frames.data[((frame * 3 + colour) * 3 + row) * 4 + column]!;

  test('each frame has its own', () => {
    const cut = cutParts(frames, [
      { left: 1, top: 1, width: 2, height: 1 },
      { left: 2, top: 0, width: 2, height: 1 },
    ]);
    expect({ ...cut, data: [...cut.data] }).toEqual({
      count: 2,
      width: 2,
      height: 1,
      data: [
        ...[0, 1, 2].flatMap((colour) => [at(0, colour, 1, 1), at(0, colour, 1, 2)]),
        ...[0, 1, 2].flatMap((colour) => [at(1, colour, 0, 2), at(1, colour, 0, 3)]),
      ],
    });
  });

  test.each([
    ['columns', { left: 0.5, top: 0, width: 3, height: 3 }, (row: number, column: number) => 4 * row + column + 0.5],
    ['rows', { left: 0, top: 0.25, width: 4, height: 2 }, (row: number, column: number) => 4 * (row + 0.25) + column],
  ])('between two %s an even slope goes on', (_, part, valueAt) => {
    const slope = {
      count: 1,
      width: 4,
      height: 3,
      data: Uint8Array.from({ length: 36 }, (_each, index) => 4 * (index % 12)),
    };
    const cut = cutParts(slope, [part]);
    // At the border of the picture its last pixels are repeated: only inside is the slope even.
    for (let row = 0; row < part.height; row++) {
      for (let column = 0; column < part.width; column++) {
        const inside = part.left > 0 ? column === 1 : row === 1 || part.height === 2;
        if (inside)
          expect(Math.abs(cut.data[row * part.width + column]! - 4 * valueAt(row, column))).toBeLessThanOrEqual(1);
      }
    }
  });
});

test('a picture on a canvas has black bars of limited range', () => {
  const picture = { y: new Uint8Array(8).fill(200), u: new Uint8Array(2).fill(90), v: new Uint8Array(2).fill(60) };
  const place = { left: 0, top: 2, width: 4, height: 2 };
  const { y, u, v } = onCanvas(picture, place, { width: 4, height: 6 });
  const rows = (data: Uint8Array, width: number) =>
    Array.from({ length: data.length / width }, (_, row) => data[row * width]);
  expect([rows(y, 4), rows(u, 2), rows(v, 2)]).toEqual([
    [16, 16, 200, 200, 16, 16],
    [128, 90, 128],
    [128, 60, 128],
  ]);
  expect(onCanvas(picture, { left: 0, top: 0, width: 4, height: 2 }, { width: 4, height: 2 })).toBe(picture);
});

test('a picture in its place is mirrored around it', () => {
  const picture = Float32Array.from([1, 2, 3, 10, 20, 30, 100, 200, 300]);
  const frame = mirrored(picture, { left: 2, top: 0, width: 3, height: 1 }, { width: 9, height: 1 });
  expect([...frame.subarray(0, 9)]).toEqual([2, 1, 1, 2, 3, 3, 2, 1, 1]);
  expect([...frame.subarray(18)]).toEqual([200, 100, 100, 200, 300, 300, 200, 100, 100]);
});
