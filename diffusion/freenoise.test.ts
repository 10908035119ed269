import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { philoxNormal } from '../tensor/philox.ts';
import { Tensor } from '../tensor/tensor.ts';
import { chunkedModel } from './chunked-model.ts';
import type { DenoisingModel } from './guidance.ts';
import { frameRange, gatherFrames } from './latent-frames.ts';
import { mixContexts, promptMixes } from './motion-injection.ts';
import { rescheduledFrames, rescheduleNoise } from './noise-rescheduling.ts';
import { fullWindow, slidingWindows } from './windows.ts';

interface Goldens {
  readonly noise: readonly {
    frames: number;
    window: number;
    stride: number;
    shuffles: number[][];
    lenders: number[];
  }[];
  readonly prompts: readonly { frames: number; contexts: [number[], number[]]; mixed: number[] }[];
  readonly attention: readonly { frames: number; window: number; stride: number; parts: number[]; fused: number[] }[];
}

const goldens = JSON.parse(await readFile(join(import.meta.dirname, 'goldens', 'freenoise.json'), 'utf8')) as Goldens;

function noiseOf(frames: number): Tensor {
  return new Tensor([1, 2, frames, 2, 3], philoxNormal({ seed: 3, stream: 'noise', step: 0 }, 12 * frames));
}

describe('noise rescheduling', () => {
  test.each(goldens.noise)('orders $frames frames as the reference: window $window, stride $stride', (golden) => {
    const windows = { windowLength: golden.window, stride: golden.stride };
    const lenders = rescheduledFrames(golden.frames, windows, (block) => golden.shuffles[block]!);
    expect(lenders).toEqual(golden.lenders);
  });

  const lengths = fc.record({ numFrames: fc.integer({ min: 1, max: 512 }), seed: fc.nat() });

  test('gives every window of any length, ragged or not, each noise of the first one exactly once', () => {
    fc.assert(
      fc.property(lengths, ({ numFrames, seed }) => {
        const noise = noiseOf(16);
        const spread = rescheduleNoise(noise, numFrames, 4, { seed, stream: 'shuffle' });
        expect(spread.shape).toEqual([1, 2, numFrames, 2, 3]);
        const lenders = frameRange(0, numFrames).map((frame) =>
          frameRange(0, 16).find(
            (lender) => gatherFrames(noise, [lender]).data[0] === gatherFrames(spread, [frame]).data[0],
          ),
        );
        expect(lenders.slice(0, 16)).toEqual(frameRange(0, Math.min(16, numFrames)));
        for (let first = 0; first + 16 <= numFrames; first += 4) {
          expect([...new Set(lenders.slice(first, first + 16))]).toHaveLength(16);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('makes another order of another seed, and the same of the same', () => {
    const spread = (seed: number): Tensor => rescheduleNoise(noiseOf(16), 64, 4, { seed, stream: 'shuffle' });
    expect(spread(1)).toEqual(spread(1));
    expect(spread(1)).not.toEqual(spread(2));
  });

  test('refuses a stride that is longer than the window', () => {
    expect(() => rescheduledFrames(20, { windowLength: 4, stride: 8 }, () => [])).toThrow('no longer than the window');
  });
});

describe('prompts of a clip', () => {
  test.each(goldens.prompts)('mix over $frames frames as in the reference', ({ frames, contexts, mixed }) => {
    const tensors = contexts.map((values) => new Tensor([1, 1, 2, 3], Float32Array.from(values)));
    const ours = mixContexts(tensors, promptMixes([0, 1], frames));
    expect(ours.shape).toEqual([1, frames, 2, 3]);
    mixed.forEach((value, index) => {
      expect(ours.data[index]).toBeCloseTo(value, 5);
    });
  });

  test('hold each of several prompts around its place, and the last one to the end', () => {
    const mixes = promptMixes([0, 0.5, 0.75], 64);
    expect(mixes).toHaveLength(64);
    expect(mixes.slice(0, 13)).toEqual(Array(13).fill({ from: 0, to: 1, share: 0 }));
    // 32 frames: 12 held, 8 changing, 12 held.
    expect(mixes[19]).toEqual({ from: 0, to: 1, share: 1 });
    expect(mixes[31]).toEqual({ from: 0, to: 1, share: 1 });
    expect(mixes[32]).toEqual({ from: 1, to: 2, share: 0 });
    expect(mixes[47]).toEqual({ from: 1, to: 2, share: 1 });
    expect(mixes.slice(48)).toEqual(Array(16).fill({ from: 2, to: 2, share: 0 }));
  });

  test('never jump: the share rises, and a prompt ends as the next one begins', () => {
    const places = fc
      .uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 6 })
      .map((all) => [0, ...all.sort((a, b) => a - b).map((each) => each / 20)]);
    fc.assert(
      fc.property(places, fc.integer({ min: 1, max: 128 }), (each, numFrames) => {
        const mixes = promptMixes(each, numFrames);
        expect(mixes).toHaveLength(numFrames);
        const positions = mixes.map(({ from, to, share }) => from + share * (to - from));
        positions.forEach((position, frame) => {
          expect(position).toBeGreaterThanOrEqual(positions[frame - 1] ?? 0);
        });
        expect(positions.every((position) => position >= 0 && position < each.length)).toBe(true);
      }),
    );
  });

  test.each([[[]], [[0.5, 1]], [[0, 0]], [[0, 0.5, 0.4]], [[0, 2]], [[0, Number.NaN]]])(
    'refuse places %p',
    (places) => {
      expect(() => promptMixes(places, 16)).toThrow('must rise from 0');
    },
  );
});

describe('fused attention', () => {
  test.each(goldens.attention)('of $frames frames has the windows and weights of the reference', (golden) => {
    const { frames: numFrames, window: windowLength, stride, parts, fused } = golden;
    const windows = slidingWindows({ numFrames, windowLength, stride, weighting: 'pyramid' });
    const sums = new Float64Array(numFrames * 4);
    const weightOf = new Float64Array(numFrames);
    windows.frames.forEach((frame, row) => {
      weightOf[Number(frame)]! += windows.weights[row]!;
      for (let c = 0; c < 4; c++) sums[Number(frame) * 4 + c]! += windows.weights[row]! * parts[row * 4 + c]!;
    });
    expect(windows.frames).toHaveLength(parts.length / 4);
    fused.forEach((value, index) => {
      expect(sums[index]! / weightOf[Math.floor(index / 4)]!).toBeCloseTo(value, 6);
    });
  });
});

describe('a model that sees chunks', () => {
  /** Predicts its sample plus the words of the frame, so the result of a chunk says which input it saw. */
  const echo: DenoisingModel = (sample, timestep, context) => {
    const [batch, channels, frames, height, width] = sample.shape as [number, number, number, number, number];
    const plane = height * width;
    const wordsOf = (entry: number, frame: number): number =>
      context.data[(entry * context.shape[1]! + Math.min(frame, context.shape[1]! - 1)) * 2]!;
    const data = sample.data.map((value, index) => {
      const frame = Math.floor(index / plane) % frames;
      return value + timestep + wordsOf(Math.floor(index / (plane * frames * channels)), frame);
    });
    return Promise.resolve(new Tensor([batch, channels, frames, height, width], data));
  };
  const chunks = slidingWindows({ numFrames: 25, windowLength: 9, stride: 8, weighting: 'pyramid' });
  const sample = new Tensor([2, 3, 25, 2, 2], philoxNormal({ seed: 1, stream: 's', step: 0 }, 600));
  const context = (frames: number): Tensor =>
    new Tensor([2, frames, 1, 2], philoxNormal({ seed: 2, stream: 'c', step: 0 }, 4 * frames));

  test.each([1, 25])('answers as the whole model where chunks agree, with %p contexts', async (frames) => {
    const whole = await echo(sample, 5, context(frames), [false, true]);
    const parts = await chunkedModel(echo, chunks)(sample, 5, context(frames), [false, true]);
    expect(parts.shape).toEqual(whole.shape);
    parts.data.forEach((value, index) => {
      expect(value).toBeCloseTo(whole.data[index]!, 5);
    });
  });

  test('shows the model one chunk at a time, and fuses what two of them share by weight', async () => {
    const seen: number[] = [];
    const counting: DenoisingModel = (chunk) => {
      seen.push(chunk.shape[2]!);
      return Promise.resolve(new Tensor(chunk.shape, new Float32Array(chunk.data.length).fill(seen.length)));
    };
    const ragged = slidingWindows({ numFrames: 20, windowLength: 9, stride: 8, weighting: 'pyramid' });
    const fused = await chunkedModel(counting, ragged)(
      new Tensor([1, 1, 20, 1, 1], new Float32Array(20)),
      0,
      context(1),
      [true],
    );
    expect(seen).toEqual([9, 9, 9]);
    // Chunks begin at 0, 8 and 11: frame 8 ends the first and begins the second, frame 12 has weights 5 and 2.
    expect([fused.data[7], fused.data[8], fused.data[9], fused.data[12]]).toEqual([1, 1.5, 2, Math.fround(16 / 7)]);
    expect(fused.data[19]).toBe(3);
  });

  test('is the model itself when there is one chunk', () => {
    expect(chunkedModel(echo, fullWindow(25))).toBe(echo);
  });
});
