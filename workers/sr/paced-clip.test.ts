import { expect, test } from '@jest/globals';
import type { ReadableClip } from '../../media/frame-file.ts';
import { pacedClip } from './paced-clip.ts';

/** Eleven frames of one pixel, each as bright as its number. */
const clip: ReadableClip = {
  numFrames: 11,
  width: 1,
  height: 1,
  read: (from, count) =>
    Promise.resolve({
      count,
      width: 1,
      height: 1,
      data: Uint8Array.from({ length: 3 * count }, (_, index) => from + Math.floor(index / 3)),
    }),
};

test.each([
  ['every second frame', { origin: 0, first: 0, num: 2, den: 1, frames: 6 }, [0, 2, 4, 6, 8, 10]],
  ['each frame twice', { origin: 3, first: 0, num: 1, den: 2, frames: 4 }, [3, 4, 4, 5]],
  ['four frames evenly between the ends', { origin: 0, first: 1, num: 10, den: 5, frames: 4 }, [2, 4, 6, 8]],
])('a run of %s', async (_, pace, expected) => {
  const run = pacedClip(clip, pace);
  expect([run.numFrames, run.width, run.height]).toEqual([pace.frames, 1, 1]);
  const firstsOf = async (from: number, count: number): Promise<number[]> =>
    [...(await run.read(from, count)).data].filter((_each, index) => index % 3 === 0);
  expect(await firstsOf(0, pace.frames)).toEqual(expected);
  expect(await firstsOf(2, 2)).toEqual(expected.slice(2, 4));
});
