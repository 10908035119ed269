import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { philoxNormal } from '../tensor/philox.ts';
import { Tensor } from '../tensor/tensor.ts';
import { BlockSum, cutBlock } from './clip-blocks.ts';
import { diffuse, frameNoise } from './frame-noise.ts';
import { tilesOf } from './tiles.ts';
import { timeChunks } from './time-chunks.ts';

const random = { seed: 7, stream: 'test', step: 3 };

test('blocks that come back as they were cut add up to the clip', () => {
  const sizes = fc.record({
    batch: fc.integer({ min: 1, max: 2 }),
    frames: fc.integer({ min: 1, max: 14 }),
    height: fc.integer({ min: 1, max: 21 }),
    width: fc.integer({ min: 1, max: 21 }),
  });
  fc.assert(
    fc.property(sizes, ({ batch, frames, height, width }) => {
      const shape = [batch, 2, frames, height, width];
      const clip = new Tensor(shape, philoxNormal(random, batch * 2 * frames * height * width));
      const sum = new BlockSum(shape);
      for (const chunk of timeChunks(frames, 9, 1)) {
        for (const tile of tilesOf(height, width, { width: 8, height: 10 })) {
          sum.add({ chunk, tile }, cutBlock(clip, { chunk, tile }));
        }
      }
      const { data } = sum.total();
      expect(data.every((value, index) => Math.abs(value - clip.data[index]!) < 5e-6)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('a frame has the same noise in whatever run it lies', () => {
  const whole = frameNoise(random, [1, 2, 9, 3, 4], 0);
  const part = frameNoise(random, [1, 2, 2, 3, 4], 5);
  const plane = 12;
  for (const channel of [0, 1]) {
    for (const frame of [0, 1]) {
      const there = (channel * 9 + 5 + frame) * plane;
      const here = (channel * 2 + frame) * plane;
      expect(part.slice(here, here + plane)).toEqual(whole.slice(there, there + plane));
    }
  }
  const keys = frameNoise(random, [1, 2, 2, 3, 4], 4, 4);
  expect(keys.slice(plane, 2 * plane)).toEqual(whole.slice(8 * plane, 9 * plane));
});

test('diffused latents are signal and noise by their powers', () => {
  const clean = new Tensor([1, 1, 1, 1, 2], Float32Array.of(1, -2));
  expect([...diffuse(clean, Float32Array.of(0.5, 1), 0.64).data]).toEqual([
    expect.closeTo(0.8 + 0.3, 6),
    expect.closeTo(-1.6 + 0.6, 6),
  ]);
});
