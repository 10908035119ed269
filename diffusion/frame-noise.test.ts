import { describe, expect, test } from '@jest/globals';
import { philoxNormal } from '../tensor/philox.ts';
import { Tensor } from '../tensor/tensor.ts';
import { diffuse, frameNoise } from './frame-noise.ts';

const random = { seed: 7, stream: 'hint', step: 0 };
const shape = [1, 2, 3, 2, 2] as const;
const plane = 4;
/** The values of one channel of one frame of `[1, C, F, 2, 2]`. */
const at = (noise: Float32Array, frames: number, channel: number, frame: number): number[] =>
  Array.from(noise.subarray((channel * frames + frame) * plane, (channel * frames + frame + 1) * plane));

describe('the noise of a frame', () => {
  test('is that of its place in the clip, channel after channel', () => {
    const noise = frameNoise(random, shape, 5);
    for (const frame of [0, 1, 2]) {
      const own = philoxNormal({ ...random, stream: `hint/${String(5 + frame)}` }, 2 * plane);
      expect(at(noise, 3, 0, frame)).toEqual(Array.from(own.subarray(0, plane)));
      expect(at(noise, 3, 1, frame)).toEqual(Array.from(own.subarray(plane)));
    }
    expect(noise).toHaveLength(24);
  });

  test('is the same whichever frames are worked on together', () => {
    const [first, second] = [frameNoise(random, shape, 0), frameNoise(random, shape, 2)];
    expect(at(second, 3, 1, 0)).toEqual(at(first, 3, 1, 2));
  });

  test('of every second frame is that of their places, and with step 0 all have the same', () => {
    const wide = frameNoise(random, [1, 1, 5, 2, 2], 0);
    const second = frameNoise(random, [1, 1, 2, 2, 2], 1, 2);
    expect(at(second, 2, 0, 1)).toEqual(at(wide, 5, 0, 3));
    const same = frameNoise(random, [1, 1, 3, 2, 2], 1, 0);
    expect([at(same, 3, 0, 1), at(same, 3, 0, 2)]).toEqual([at(wide, 5, 0, 1), at(wide, 5, 0, 1)]);
  });
});

test('clean latents are mixed with noise by the square roots of what is left and what is gone', () => {
  const clean = new Tensor([1, 1, 1, 1, 2], Float32Array.of(10, -4));
  const { shape: same, data } = diffuse(clean, Float32Array.of(1, 2), 0.64);
  expect(same).toEqual(clean.shape);
  expect([data[0], data[1]]).toEqual([expect.closeTo(8.6, 5), expect.closeTo(-2, 5)]);
  expect(Array.from(clean.data)).toEqual([10, -4]);
});
