import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { philoxNormal } from '../tensor/philox.ts';
import { axesOf, Tensor } from '../tensor/tensor.ts';
import { chunkedDenoiser } from './chunked-denoiser.ts';
import { denoise, type DenoiseState } from './denoise.ts';
import { enhancerStart, enhancerSteps } from './enhancer-steps.ts';
import { growingChunks } from './growing-chunks.ts';
import { guidedDenoiser, type DenoisingModel } from './guidance.ts';
import type { NoiseSchedule } from './schedule/schedule.ts';
import { samplerNamed } from './samplers/named-sampler.ts';

/** Runs of VEnhancer's own code: `modeling/goldens/enhancer_loop_goldens.py`. */
const golden = JSON.parse(readFileSync(new URL('goldens/enhancer-loop.json', import.meta.url), 'utf8')) as {
  readonly schedule: NoiseSchedule;
  readonly chunks: readonly {
    readonly frames: number;
    readonly keyStep: number;
    readonly chunks: readonly (readonly [from: number, end: number])[];
  }[];
  readonly runs: readonly {
    readonly frames: number;
    readonly keyStep: number;
    readonly solver: 'dpmpp_2m_sde' | 'heun';
    readonly steps: 'fast' | number;
    readonly random: { readonly seed: number; readonly stream: string };
    readonly shape: readonly number[];
    readonly end: readonly number[];
  }[];
};

/** The script's formula; what it is told by words is their one number. */
const model: DenoisingModel = (sample, timestep, context) => {
  const [batch, channels, frames, height, width] = axesOf(sample, 5);
  const size = channels * frames * height * width;
  const data = new Float32Array(batch * size);
  for (let entry = 0; entry < batch; entry++) {
    const part = sample.data.subarray(entry * size, (entry + 1) * size);
    const mean = part.reduce((sum, value) => sum + value, 0) / size;
    part.forEach((x, index) => {
      const place = Math.floor(index / (height * width)) % frames;
      const said = 0.1 * context.data[entry]! * Math.cos(x);
      data[entry * size + index] = 0.5 * Math.sin(x) + 0.3 * mean + said + 0.2 * Math.cos(0.013 * timestep + place);
    });
  }
  return Promise.resolve(new Tensor(sample.shape, data));
};

describe('VEnhancer over several chunks', () => {
  test('has its chunks, of every number of frames from key to key', () => {
    for (const { frames, keyStep, chunks } of golden.chunks) {
      const made = growingChunks(frames, 32, keyStep).map(({ from, count }) => [from, from + count]);
      expect({ frames, keyStep, chunks: made }).toEqual({ frames, keyStep, chunks });
    }
  });

  test('a clip of 61 frames has three chunks, and shares of each frame sum to one', () => {
    expect(growingChunks(61, 32, 1)).toHaveLength(3);
    for (const { frames, keyStep } of golden.chunks) {
      const sums = new Float64Array(frames);
      for (const { from, weights } of growingChunks(frames, 32, keyStep)) {
        weights.forEach((weight, place) => (sums[from + place]! += weight));
      }
      expect(Math.max(...sums.map((sum) => Math.abs(sum - 1)))).toBeLessThan(1e-12);
    }
  });

  test.each(golden.runs)('equals it in every element: $frames frames, $solver, $steps', async (run) => {
    const { frames, keyStep, solver, shape, random } = run;
    const name = solver === 'heun' ? 'heun' : 'dpmpp-2m-sde';
    const steps = enhancerSteps(golden.schedule, 899, run.steps, name);
    const context = (value: number) => new Tensor([1, 1, 1, 1], Float32Array.of(value));
    const denoiser = chunkedDenoiser(shape, growingChunks(frames, 32, keyStep), ({ count }) =>
      guidedDenoiser(model, [...shape.slice(0, 2), count, ...shape.slice(3)], {
        positive: context(1),
        negative: context(-1),
        scale: 7.5,
        rescale: 0.2,
        condition: null,
        batched: true,
      }),
    );
    const settings = { steps, sampler: samplerNamed(name, { eta: 1 }), prediction: 'v' as const, random };
    const noised = new Tensor(shape, philoxNormal({ ...random, step: 0 }, run.end.length));
    let state: DenoiseState = { done: 0, latents: enhancerStart(noised, steps), kept: [] };
    for await (state of denoise(denoiser, settings, state));
    const largest = Math.max(...run.end.map(Math.abs));
    run.end.forEach((value, index) => {
      expect(Math.abs(state.latents.data[index]! - value)).toBeLessThan(2e-5 * largest);
    });
  });
});
