import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Tensor } from '../tensor/tensor.ts';
import { denoise, initialState, type Denoiser, type DenoiseSettings, type DenoiseState } from './denoise.ts';
import { samplingSteps } from './schedule/sampling-steps.ts';
import { alphaBars, type NoiseSchedule } from './schedule/schedule.ts';
import { ddim } from './samplers/ddim.ts';
import { ddpm } from './samplers/ddpm.ts';
import { dpmpp2mSde } from './samplers/dpmpp-2m-sde.ts';
import { dpmpp2m } from './samplers/dpmpp-2m.ts';
import { eulerAncestral } from './samplers/euler-ancestral.ts';
import { euler } from './samplers/euler.ts';
import type { PredictionType, Sampler } from './samplers/linear-step.ts';
import { unipc } from './samplers/unipc.ts';

const linear: NoiseSchedule = { kind: 'linear', betaStart: 1e-4, betaEnd: 0.02, trainSteps: 1000 };
const cosine: NoiseSchedule = { kind: 'cosine', shift: 2, trainSteps: 1000 };
const shape = [1, 4, 8, 8, 8];

/**
 * The exact denoiser of data that is normal with this mean and deviation: its score is known, so the sampler is the only
 * thing that can go wrong.
 */
function gaussianDenoiser(
  schedule: NoiseSchedule,
  prediction: PredictionType,
  mean: number,
  deviation: number,
): Denoiser {
  const table = alphaBars(schedule);
  return (sample, timestep) => {
    const alphaBar = table[timestep]!;
    const [signal, noise] = [Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar)];
    const variance = alphaBar * deviation ** 2 + 1 - alphaBar;
    const predicted = sample.data.map((value) => {
      const epsilon = (noise * (value - signal * mean)) / variance;
      const clean = mean + (signal * deviation ** 2 * (value - signal * mean)) / variance;
      return { epsilon, sample: clean, v: signal * epsilon - noise * clean }[prediction];
    });
    return Promise.resolve(new Tensor(sample.shape, predicted));
  };
}

async function runToEnd(denoiser: Denoiser, settings: DenoiseSettings, from: DenoiseState): Promise<DenoiseState[]> {
  const states: DenoiseState[] = [];
  for await (const state of denoise(denoiser, settings, from)) states.push(state);
  return states;
}

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(square) };
}

describe('with the exact score of normal data', () => {
  test.each([
    ['ddim', linear, 'epsilon', ddim()],
    ['ddim eta 0.5', linear, 'epsilon', ddim(0.5)],
    ['ddim', linear, 'v', ddim()],
    ['ddim', cosine, 'v', ddim()],
    ['ddim', cosine, 'sample', ddim()],
    ['ddpm small', linear, 'epsilon', ddpm('small')],
    ['ddpm large', linear, 'epsilon', ddpm('large')],
    ['ddpm small', cosine, 'v', ddpm('small')],
    ['euler', linear, 'v', euler()],
    ['euler ancestral', cosine, 'v', eulerAncestral()],
    ['dpmpp-2m', cosine, 'v', dpmpp2m()],
    ['dpmpp-2m', linear, 'epsilon', dpmpp2m()],
    ['dpmpp-2m-sde', cosine, 'v', dpmpp2mSde()],
    ['dpmpp-2m-sde heun', linear, 'epsilon', dpmpp2mSde(1, 'heun')],
    ['unipc', cosine, 'sample', unipc()],
    ['unipc', linear, 'epsilon', unipc()],
  ] as const)(
    '%s over %o, predicting %s, makes data of the right mean and spread',
    async (_name, schedule, prediction, sampler) => {
      const settings = {
        steps: samplingSteps(schedule, { kind: 'trailing' }, 100),
        sampler,
        prediction,
        random: { seed: 3, stream: 'moments' },
      };
      const states = await runToEnd(
        gaussianDenoiser(schedule, prediction, 1.5, 0.4),
        settings,
        initialState(shape, settings.random),
      );
      const { mean, deviation } = moments(states.at(-1)!.latents.data);
      expect(states).toHaveLength(100);
      expect(mean).toBeCloseTo(1.5, 1);
      // A hundred steps leave a few percent of the spread to the discretisation.
      expect(Math.abs(deviation / 0.4 - 1)).toBeLessThan(0.12);
    },
  );

  /** How far a sampler ends from the exact map of noise to data, at worst, for these numbers of steps. */
  async function errorsOf(sampler: Sampler, counts: readonly number[]): Promise<number[]> {
    const errors: number[] = [];
    for (const steps of counts) {
      const settings = {
        steps: samplingSteps(cosine, { kind: 'trailing' }, steps),
        sampler,
        prediction: 'v' as const,
        random: { seed: 5, stream: 'order' },
      };
      const start = initialState(shape, settings.random);
      const end = (await runToEnd(gaussianDenoiser(cosine, 'v', -0.7, 0.3), settings, start)).at(-1)!;
      // The probability-flow path of normal data is affine: x_0 = mean + deviation · x_T at ᾱ_T = 0.
      const worst = end.latents.data.reduce(
        (most, value, index) => Math.max(most, Math.abs(value - (-0.7 + 0.3 * start.latents.data[index]!))),
        0,
      );
      errors.push(worst);
    }
    return errors;
  }

  test('DDIM comes closer to the exact map of noise to data with more steps', async () => {
    const errors = await errorsOf(ddim(), [10, 40, 160]);
    expect(errors[1]!).toBeLessThan(errors[0]! / 3);
    expect(errors[2]!).toBeLessThan(errors[1]! / 3);
  });

  test.each([dpmpp2m(), unipc()])('$name is of second order: half the step, a fourth of the error', async (sampler) => {
    const errors = await errorsOf(sampler, [20, 40]);
    expect(errors[1]!).toBeLessThan(errors[0]! / 4);
    expect(errors[1]!).toBeLessThan((await errorsOf(ddim(), [40]))[0]! / 4);
  });
});

const wavy: Denoiser = (sample, timestep) =>
  Promise.resolve(
    new Tensor(
      sample.shape,
      sample.data.map((value, index) => Math.sin(3 * value + timestep + index)),
    ),
  );

test('a run resumed after any step gives the bytes of a run that never stopped (D1)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        steps: fc.integer({ min: 1, max: 12 }),
        seed: fc.nat(),
        stopAt: fc.nat(12),
        sampler: fc.constantFrom(
          ddim(),
          ddim(0.7),
          ddpm('small'),
          ddpm('large'),
          eulerAncestral(),
          dpmpp2m(),
          dpmpp2mSde(),
          unipc(),
        ),
      }),
      async ({ steps, seed, stopAt, sampler }) => {
        const settings = {
          steps: samplingSteps(linear, { kind: 'trailing' }, steps),
          sampler,
          prediction: 'v' as const,
          random: { seed, stream: 'base' },
        };
        const start = initialState([1, 2, 3, 2, 2], settings.random);
        const whole = [start, ...(await runToEnd(wavy, settings, start))];
        const stored = whole[Math.min(stopAt, steps)]!;
        const copyOf = ({ shape, data }: Tensor): Tensor => new Tensor(shape, data.slice());
        const copy = { done: stored.done, latents: copyOf(stored.latents), kept: stored.kept.map(copyOf) };
        const resumed = await runToEnd(wavy, settings, copy);
        expect(resumed).toEqual(whole.slice(stored.done + 1));
      },
    ),
    { numRuns: 60 },
  );
});

test('deterministic DDIM draws no noise, so only the initial draw depends on the seed (D2)', async () => {
  const settings = (seed: number): DenoiseSettings => ({
    steps: samplingSteps(linear, { kind: 'trailing' }, 4),
    sampler: ddim(),
    prediction: 'v',
    random: { seed, stream: 'base' },
  });
  const start = initialState([1, 1, 2, 2, 2], { seed: 1, stream: 'base' });
  expect(await runToEnd(wavy, settings(1), start)).toEqual(await runToEnd(wavy, settings(2), start));
});

test('no state is changed after it was yielded (D3)', async () => {
  const settings: DenoiseSettings = {
    steps: samplingSteps(linear, { kind: 'trailing' }, 6),
    sampler: ddpm(),
    prediction: 'v',
    random: { seed: 9, stream: 'base' },
  };
  const start = initialState([1, 1, 2, 2, 2], settings.random);
  const copies = [start.latents.data.slice()];
  const states = [start];
  for await (const state of denoise(wavy, settings, start)) {
    states.push(state);
    copies.push(state.latents.data.slice());
  }
  expect(states.map((state) => state.latents.data)).toEqual(copies);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])(
  'one %p from the model stops the run and names the step (D4)',
  async (poison) => {
    const settings: DenoiseSettings = {
      steps: samplingSteps(linear, { kind: 'trailing' }, 5),
      sampler: ddim(0.5),
      prediction: 'epsilon',
      random: { seed: 77, stream: 'base' },
    };
    const poisoned: Denoiser = async (sample, timestep) => {
      const prediction = await wavy(sample, timestep);
      if (timestep === 599) prediction.data[3] = poison;
      return prediction;
    };
    const seen: number[] = [];
    const run = async (): Promise<void> => {
      for await (const { done } of denoise(poisoned, settings, initialState([1, 1, 2, 2, 2], settings.random)))
        seen.push(done);
    };
    await expect(run()).rejects.toMatchObject({
      code: 'NUMERIC_INVALID',
      message: expect.stringMatching(
        /^1 of 8 latents .* step 3 of 5 \(timestep 599, ddim eta 0.5, .* seed 77\)/,
      ) as unknown,
      details: { step: 3, steps: 5, timestep: 599, sampler: 'ddim', settings: { eta: 0.5 }, numInvalid: 1 },
    });
    expect(seen).toEqual([1, 2]);
  },
);

test('refuses a state from beyond the end of the run', async () => {
  const settings: DenoiseSettings = {
    steps: samplingSteps(linear, { kind: 'trailing' }, 5),
    sampler: ddim(),
    prediction: 'v',
    random: { seed: 1, stream: 'base' },
  };
  const { latents } = initialState([1, 1, 1, 1, 1], settings.random);
  await expect(runToEnd(wavy, settings, { done: 6, latents, kept: [] })).rejects.toThrow(
    'after step 6 of a run of 5 steps',
  );
  await expect(runToEnd(wavy, settings, { done: 5, latents, kept: [] })).resolves.toEqual([]);
});
