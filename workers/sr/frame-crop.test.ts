import { describe, expect, test } from '@jest/globals';
import { cropClip, cropToShape } from './frame-crop.ts';

const film = { width: 3840, height: 2160 };

describe('cropToShape', () => {
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
    expect(cropToShape(frame, film)).toEqual(expected);
  });
});

test('cropClip turns bytes of frames into one clip of numbers, colour by colour', () => {
  const [width, height, count] = [4, 3, 2];
  const data = Uint8Array.from({ length: count * 3 * height * width }, (_, index) => index);
  const clip = cropClip({ count, width, height, data }, { left: 1, top: 1, width: 2, height: 1 });
  const byteAt = (frame: number, colour: number, column: number): number =>
    ((frame * 3 + colour) * height + 1) * width + 1 + column;
  const expected = [0, 1, 2].flatMap((colour) =>
    [0, 1].flatMap((frame) => [0, 1].map((column) => byteAt(frame, colour, column) / 127.5 - 1)),
  );
  expect([...clip]).toEqual([...Float32Array.from(expected)]);
});
