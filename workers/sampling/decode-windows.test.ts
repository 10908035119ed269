import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { Tensor } from '../../tensor/tensor.ts';
import { blendedFrames, decodeWindows, framesFirst } from './decode-windows.ts';

/** Made by the code of VEnhancer: `modeling/goldens/enhancer_loop_goldens.py`. */
const { decoded } = JSON.parse(
  readFileSync(new URL('../../diffusion/goldens/enhancer-loop.json', import.meta.url), 'utf8'),
) as { decoded: { frames: number; windows: [number, number][]; pixels: number[] }[] };

/** The script's decoder: a value plus the mean of its window. */
const decode = ({ from, count }: { from: number; count: number }): Promise<Float32Array> => {
  const values = Array.from({ length: count }, (_, place) => Math.cos((from + place) * 1.7));
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  return Promise.resolve(Float32Array.from(values, (value) => value + mean));
};

const all = async (frames: AsyncIterable<Float32Array>): Promise<number[]> => {
  const made: number[] = [];
  for await (const [pixel] of frames) made.push(pixel!);
  return made;
};

describe('windows of a temporal decoder', () => {
  test.each(decoded)('are mixed as VEnhancer mixes them, over $frames frames', async ({ frames, windows, pixels }) => {
    const made = decodeWindows(frames, { frames: 5, overlap: 2 });
    expect(made.map(({ from, count }) => [from, from + count])).toEqual(windows);
    const shown = await all(blendedFrames(made, { from: 0, count: frames }, decode));
    shown.forEach((pixel, frame) => {
      expect(pixel).toBeCloseTo(pixels[frame]!, 5);
    });
    expect(shown).toHaveLength(frames);
  });

  test('a part of a clip is the same as in the whole', async () => {
    const made = decodeWindows(61, { frames: 5, overlap: 2 });
    const whole = await all(blendedFrames(made, { from: 0, count: 61 }, decode));
    for (const [from, count] of [
      [0, 24],
      [24, 24],
      [48, 13],
      [30, 1],
    ] as const) {
      expect(await all(blendedFrames(made, { from, count }, decode))).toEqual(whole.slice(from, from + count));
    }
  });

  test('without an overlap one call is behind the other, as Latte has them', () => {
    const windows = decodeWindows(30, { frames: 14, overlap: 0 }).map(({ from, count }) => [from, count]);
    expect(windows).toEqual([
      [0, 14],
      [14, 14],
      [28, 2],
    ]);
  });

  test('frames come out of a clip in their order', () => {
    const clip = new Tensor([1, 2, 3, 1, 1], Float32Array.of(0, 1, 2, 10, 11, 12));
    expect([...framesFirst(clip, 1, 2)]).toEqual([1, 11, 2, 12]);
  });
});
