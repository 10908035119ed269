import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Tensor } from '../../tensor/tensor.ts';
import { philoxNormal } from '../../tensor/philox.ts';
import { denoise, initialState, type Denoiser } from '../denoise.ts';
import { samplingSteps, type SamplingStep, type TimestepSpacing } from '../schedule/sampling-steps.ts';
import { type NoiseSchedule } from '../schedule/schedule.ts';
import { ddim } from './ddim.ts';
import { ddpm } from './ddpm.ts';
import { dpmpp2mSde } from './dpmpp-2m-sde.ts';
import { dpmpp2m } from './dpmpp-2m.ts';
import { eulerAncestral } from './euler-ancestral.ts';
import { euler } from './euler.ts';
import { applyStep, cleanAndNoise, type PredictionType, type Sampler } from './linear-step.ts';
import { samplerNamed } from './named-sampler.ts';
import { unipc } from './unipc.ts';

interface Run {
  readonly name: string;
  readonly schedule: NoiseSchedule;
  readonly prediction: PredictionType;
  readonly sampler:
    | { readonly kind: 'ddim'; readonly eta: number }
    | { readonly kind: 'ddpm'; readonly variance: 'small' | 'large' }
    | { readonly kind: 'dpmpp-2m-sde'; readonly eta: number; readonly solver: 'midpoint' | 'heun' }
    | { readonly kind: 'euler' | 'euler-ancestral' | 'dpmpp-2m' | 'unipc' };
  readonly spacing: TimestepSpacing;
  readonly steps: number;
  readonly lastAlphaBar: 'one' | 'first';
  readonly random: { readonly seed: number; readonly stream: string };
  readonly shape: readonly number[];
  readonly timesteps: readonly number[];
  /** States before the first step and after each one. */
  readonly states: readonly (readonly number[])[];
  readonly predictions: readonly (readonly number[])[];
}

const { runs } = JSON.parse(readFileSync(new URL('../goldens/schedulers.json', import.meta.url), 'utf8')) as {
  readonly runs: readonly Run[];
};

/** Golden states are float64; ours are float32 between steps. 1e-5 of the value, or of one where the value is smaller. */
function expectClose(actual: Float32Array, expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((value, index) => {
    expect(Math.abs(actual[index]! - value)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(value)));
  });
}

const samplerOf = ({ kind, ...options }: Run['sampler']): Sampler => samplerNamed(kind, options);
const stepsOf = (run: Run): SamplingStep[] => samplingSteps(run.schedule, run.spacing, run.steps, run.lastAlphaBar);

/** The formula that scheduler_goldens.py calls `model`. */
const goldenModel: Denoiser = (sample, timestep) =>
  Promise.resolve(
    new Tensor(
      sample.shape,
      sample.data.map((value, index) => 0.7 * Math.sin(value) + 0.2 * Math.cos(0.013 * timestep + index)),
    ),
  );

describe.each(runs)('$name', (run) => {
  test('visits the timesteps of diffusers', () => {
    expect(stepsOf(run).map((step) => step.timestep)).toEqual(run.timesteps);
  });

  test('equals diffusers in every element of every single step', () => {
    let kept: readonly Tensor[] = [];
    stepsOf(run).forEach((_, index, steps) => {
      const next = applyStep(
        samplerOf(run.sampler).step(steps, index, run.prediction),
        { latents: new Tensor(run.shape, Float32Array.from(run.states[index]!)), kept },
        new Tensor(run.shape, Float32Array.from(run.predictions[index]!)),
        philoxNormal({ ...run.random, step: index + 1 }, run.states[0]!.length),
      );
      expectClose(next.latents.data, run.states[index + 1]!);
      ({ kept } = next);
    });
  });

  test('equals diffusers along the whole loop, noise included', async () => {
    const settings = {
      steps: stepsOf(run),
      sampler: samplerOf(run.sampler),
      prediction: run.prediction,
      random: run.random,
    };
    const start = initialState(run.shape, run.random);
    expectClose(start.latents.data, run.states[0]!);
    let done = 0;
    for await (const state of denoise(goldenModel, settings, start)) {
      done = state.done;
      expectClose(state.latents.data, run.states[done]!);
    }
    expect(done).toBe(run.steps);
  });
});

const alphaBars = fc.double({ min: 1e-4, max: 0.999, noNaN: true });
const predictions = fc.constantFrom<PredictionType>('epsilon', 'v', 'sample');

/** What a perfect model says for x_t = √ᾱ x_0 + √(1−ᾱ) ε. */
function perfect(alphaBar: number, clean: number, epsilon: number, prediction: PredictionType): number {
  const predicted = {
    epsilon,
    sample: clean,
    v: Math.sqrt(alphaBar) * epsilon - Math.sqrt(1 - alphaBar) * clean,
  };
  return predicted[prediction];
}

const numbers = fc.double({ min: -4, max: 4, noNaN: true });

test('a perfect prediction of any type gives back the clean sample and the noise', () => {
  fc.assert(
    fc.property(alphaBars, numbers, numbers, predictions, (alphaBar, clean, epsilon, prediction) => {
      const sample = Math.sqrt(alphaBar) * clean + Math.sqrt(1 - alphaBar) * epsilon;
      const predicted = perfect(alphaBar, clean, epsilon, prediction);
      const forms = cleanAndNoise(alphaBar, prediction);
      expect(forms.clean.sample * sample + forms.clean.prediction * predicted).toBeCloseTo(clean, 8);
      expect(forms.epsilon.sample * sample + forms.epsilon.prediction * predicted).toBeCloseTo(epsilon, 8);
    }),
  );
});

test('a DDIM step with a perfect prediction lands on the same path, at the next noise level', () => {
  fc.assert(
    fc.property(alphaBars, alphaBars, numbers, numbers, predictions, (one, two, clean, epsilon, prediction) => {
      const [alphaBar, alphaBarNext] = [Math.min(one, two), Math.max(one, two)];
      const sample = Math.sqrt(alphaBar) * clean + Math.sqrt(1 - alphaBar) * epsilon;
      const step = ddim().step([{ timestep: 0, alphaBar, alphaBarNext }], 0, prediction);
      const next = step.next.sample * sample + step.next.prediction * perfect(alphaBar, clean, epsilon, prediction);
      expect(next).toBeCloseTo(Math.sqrt(alphaBarNext) * clean + Math.sqrt(1 - alphaBarNext) * epsilon, 8);
      expect(step.noise).toBe(0);
    }),
  );
});

test.each([dpmpp2m(), dpmpp2mSde(), unipc()])(
  '$name takes the step to the clean sample without a look back where that would be infinite, however long the run',
  (sampler) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.constantFrom('one', 'first'), (count, last) => {
        const linear = { kind: 'linear', betaStart: 1e-4, betaEnd: 0.02, trainSteps: 1000 } as const;
        const steps = samplingSteps(linear, { kind: 'trailing' }, count, last);
        const weights = steps.flatMap((_, index) => {
          const { next, noise } = sampler.step(steps, index, 'epsilon');
          return [next.sample, next.prediction, noise, ...next.kept];
        });
        expect(weights.filter((weight) => !Number.isFinite(weight))).toEqual([]);
      }),
    );
  },
);

test('DDIM with eta 1 is DDPM with the small variance', () => {
  fc.assert(
    fc.property(alphaBars, alphaBars, predictions, (one, two, prediction) => {
      const steps = [{ timestep: 0, alphaBar: Math.min(one, two), alphaBarNext: Math.max(one, two) }];
      const [implicit, ancestral] = [ddim(1).step(steps, 0, prediction), ddpm('small').step(steps, 0, prediction)];
      // The ancestral form divides a small difference by another where the step is tiny, hence the tolerance.
      expect(implicit.next.sample).toBeCloseTo(ancestral.next.sample, 5);
      expect(implicit.next.prediction).toBeCloseTo(ancestral.next.prediction, 5);
      expect(implicit.noise).toBeCloseTo(ancestral.noise, 5);
    }),
  );
});

test('Euler is DDIM, and ancestral Euler DDIM with eta 1, in samples of unit variance', () => {
  fc.assert(
    fc.property(alphaBars, alphaBars, predictions, (one, two, prediction) => {
      const steps = [{ timestep: 0, alphaBar: Math.min(one, two), alphaBarNext: Math.max(one, two) }];
      for (const [first, second] of [
        [euler(), ddim(0)],
        [eulerAncestral(), ddim(1)],
      ] as const) {
        const [ours, implicit] = [first.step(steps, 0, prediction), second.step(steps, 0, prediction)];
        expect(ours.next.sample).toBeCloseTo(implicit.next.sample, 5);
        expect(ours.next.prediction).toBeCloseTo(implicit.next.prediction, 5);
        expect(ours.noise).toBeCloseTo(implicit.noise, 5);
      }
    }),
  );
});

test('SDE-DPM-Solver++ with eta 0 is DPM-Solver++', () => {
  const steps = samplingSteps(
    { kind: 'linear', betaStart: 1e-4, betaEnd: 0.02, trainSteps: 1000 },
    { kind: 'trailing' },
    9,
  );
  steps.forEach((_, index) => {
    const [stochastic, plain] = [dpmpp2mSde(0).step(steps, index, 'v'), dpmpp2m().step(steps, index, 'v')];
    expect(stochastic.noise + 0).toBe(0);
    expect(stochastic.next.sample).toBeCloseTo(plain.next.sample, 12);
    expect(stochastic.next.prediction).toBeCloseTo(plain.next.prediction, 12);
    expect(stochastic.next.kept[0] ?? 0).toBeCloseTo(plain.next.kept[0] ?? 0, 12);
  });
});

describe('at zero terminal SNR', () => {
  const steps = [{ timestep: 999, alphaBar: 0, alphaBarNext: 0.25 }];

  test.each([
    ddim(),
    ddim(1),
    ddpm('small'),
    euler(),
    eulerAncestral(),
    dpmpp2m(),
    dpmpp2mSde(),
    dpmpp2mSde(0),
    unipc(),
  ])('$name is finite for v and sample', (sampler) => {
    for (const prediction of ['v', 'sample'] as const) {
      const { next, noise } = sampler.step(steps, 0, prediction);
      expect([next.sample, next.prediction, noise].every(Number.isFinite)).toBe(true);
    }
  });

  test.each([ddim(), ddpm(), euler(), dpmpp2m(), unipc()])(
    '$name refuses epsilon, which says nothing about the clean sample there',
    (sampler) => {
      expect(() => sampler.step(steps, 0, 'epsilon')).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }));
    },
  );
});

test.each([ddim(1), ddpm('small'), ddpm('large'), eulerAncestral(), dpmpp2mSde()])(
  '$name adds no noise in the last step',
  (sampler) => {
    expect(sampler.step([{ timestep: 39, alphaBar: 0.9, alphaBarNext: 1 }], 0, 'v').noise).toBe(0);
  },
);

test('a step refuses sizes that differ, missing noise and missing history', () => {
  const [latents, other] = [Tensor.zeros([1, 2, 2, 1, 1]), Tensor.zeros([1, 4, 1, 1, 1])];
  const state = { latents, kept: [] };
  const next = { sample: 1, prediction: 1, kept: [] };
  expect(() => applyStep({ next, noise: 1, keep: [] }, state, other, new Float32Array(4))).toThrow(
    'must be that of the sample',
  );
  expect(() => applyStep({ next, noise: 1, keep: [] }, state, latents, null)).toThrow(
    'needs 4 normals and was given none',
  );
  const looksBack = { next: { ...next, kept: [0.5] }, noise: 0, keep: [] };
  expect(() => applyStep(looksBack, state, latents, null)).toThrow('tensor 0 has none');
});
