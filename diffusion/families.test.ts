import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { philoxNormal } from '../tensor/philox.ts';
import { Tensor } from '../tensor/tensor.ts';
import { denoise, initialState, type Denoiser, type DenoiseSettings, type DenoiseState } from './denoise.ts';
import { enhancerStart, enhancerSteps } from './enhancer-steps.ts';
import { inferenceTimesteps, samplingSteps, type TimestepSpacing } from './schedule/sampling-steps.ts';
import { alphaBars, type NoiseSchedule } from './schedule/schedule.ts';
import { ddim } from './samplers/ddim.ts';
import { ddpm } from './samplers/ddpm.ts';
import { dpmpp2mSde } from './samplers/dpmpp-2m-sde.ts';
import { applyStep } from './samplers/linear-step.ts';

/** Runs by the code of LaVie, SEINE and VEnhancer: `modeling/goldens/sampling_goldens.py`. */

interface FamilyRun {
  readonly name: string;
  readonly schedule: NoiseSchedule;
  readonly random: { readonly seed: number; readonly stream: string };
  readonly shape: readonly number[];
  readonly timesteps: readonly number[];
  readonly states: readonly (readonly number[])[];
  readonly predictions: readonly (readonly number[])[];
}

interface RespacedRun extends FamilyRun {
  readonly sampler:
    { readonly kind: 'ddim'; readonly eta: number } | { readonly kind: 'ddpm'; readonly variance: 'small' | 'large' };
  readonly spacing: TimestepSpacing;
  readonly steps: number;
}

interface EnhancerRun extends FamilyRun {
  /** Before it is scaled to the sampler's start. */
  readonly start: readonly number[];
  readonly steps: 'fast' | number;
  /** √((1−ᾱ)/ᾱ) of every step and of the end. */
  readonly sigmas: readonly number[];
}

const golden = JSON.parse(readFileSync(new URL('goldens/families.json', import.meta.url), 'utf8')) as {
  readonly timesteps: Readonly<Record<string, readonly number[]>>;
  readonly runs: readonly RespacedRun[];
  readonly enhancer: readonly EnhancerRun[];
  readonly tables: readonly {
    readonly schedule: NoiseSchedule;
    readonly alphaBars: Readonly<Record<string, number>>;
  }[];
};

/** 1e-5 of the value, or of one where the value is smaller: states here are float32, there float64. */
function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, index) => {
    expect(Math.abs(actual[index]! - value)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(value)));
  });
}

const tensorOf = (shape: readonly number[], values: readonly number[]): Tensor =>
  new Tensor(shape, Float32Array.from(values));

/** The formula that scheduler_goldens.py calls `model`. */
const goldenModel: Denoiser = (sample, timestep) =>
  Promise.resolve(
    new Tensor(
      sample.shape,
      sample.data.map((value, index) => 0.7 * Math.sin(value) + 0.2 * Math.cos(0.013 * timestep + index)),
    ),
  );

function expectEverySingleStep(run: FamilyRun, { steps, sampler, prediction }: DenoiseSettings): void {
  let kept: readonly Tensor[] = [];
  steps.forEach((_, index) => {
    const next = applyStep(
      sampler.step(steps, index, prediction),
      { latents: tensorOf(run.shape, run.states[index]!), kept },
      tensorOf(run.shape, run.predictions[index]!),
      philoxNormal({ ...run.random, step: index + 1 }, run.states[0]!.length),
    );
    expectClose(next.latents.data, run.states[index + 1]!);
    ({ kept } = next);
  });
}

async function expectWholeLoop(run: FamilyRun, settings: DenoiseSettings, start: DenoiseState): Promise<void> {
  expectClose(start.latents.data, run.states[0]!);
  let done = 0;
  for await (const state of denoise(goldenModel, settings, start)) {
    done = state.done;
    expectClose(state.latents.data, run.states[done]!);
  }
  expect(done).toBe(run.states.length - 1);
}

describe('OpenAI’s respaced diffusion', () => {
  test.each(Object.entries(golden.timesteps))('space_timesteps(1000, %s)', (steps, timesteps) => {
    expect(inferenceTimesteps({ kind: 'fractional' }, 1000, Number(steps))).toEqual(timesteps);
  });

  describe.each(golden.runs)('$name', (run) => {
    const settings: DenoiseSettings = {
      steps: samplingSteps(run.schedule, run.spacing, run.steps),
      sampler: run.sampler.kind === 'ddim' ? ddim(run.sampler.eta) : ddpm(run.sampler.variance),
      prediction: 'epsilon',
      random: run.random,
    };

    test('tells the model the original timesteps', () => {
      expect(settings.steps.map((step) => step.timestep)).toEqual(run.timesteps);
    });

    test('equals it in every element of every single step', () => {
      expectEverySingleStep(run, settings);
    });

    test('equals it along the whole loop', async () => {
      await expectWholeLoop(run, settings, initialState(run.shape, run.random));
    });
  });
});

describe('VEnhancer', () => {
  test.each(golden.tables)('log-SNR cosine, $schedule.zeroTerminalSnr', ({ schedule, alphaBars: expected }) => {
    const table = alphaBars(schedule);
    for (const [index, value] of Object.entries(expected)) {
      // ᾱ is 1 − σ² on both sides, which leaves about 1e-16 of one.
      expect(Math.abs(table[Number(index)]! - value)).toBeLessThanOrEqual(1e-9 * value + 1e-15);
    }
  });

  describe.each(golden.enhancer)('$name', (run) => {
    const settings: DenoiseSettings = {
      steps: enhancerSteps(run.schedule, 899, run.steps),
      sampler: dpmpp2mSde(),
      prediction: 'v',
      random: run.random,
    };

    test('visits its timesteps at its noise levels', () => {
      expect(settings.steps.map((step) => step.timestep)).toEqual(run.timesteps);
      const levels = settings.steps.map(({ alphaBarNext }) => Math.sqrt((1 - alphaBarNext) / alphaBarNext));
      levels.forEach((level, index) => {
        expect(Math.abs(level / run.sigmas[index + 1]! - 1) || 0).toBeLessThan(1e-9);
      });
    });

    test('equals it in every element of every single step', () => {
      expectEverySingleStep(run, settings);
    });

    test('equals it along the whole loop, from the noised clip on', async () => {
      const latents = enhancerStart(tensorOf(run.shape, run.start), settings.steps);
      await expectWholeLoop(run, settings, { done: 0, latents, kept: [] });
    });
  });

  test('the fast list calls the model 14 times, from 899 to 90', () => {
    const timesteps = enhancerSteps(golden.enhancer[0]!.schedule, 899, 'fast').map((step) => step.timestep);
    expect(timesteps).toHaveLength(14);
    expect(timesteps.slice(0, 5)).toEqual([899, 799, 699, 599, 500]);
    expect(timesteps.at(-1)).toBe(90);
  });
});
