import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { coarseToFineSteps } from '../story/plan/freeinit.ts';
import { philoxNormal } from '../tensor/philox.ts';
import { sizeOf, Tensor } from '../tensor/tensor.ts';
import { denoise, type Denoiser, type DenoiseSettings } from './denoise.ts';
import { lowPass, type LowPassFilter, type LowPassKind } from './freeinit-filters.ts';
import { mixFrequencies, reinitialise, reinitialPass } from './freeinit.ts';
import { samplingSteps } from './schedule/sampling-steps.ts';
import type { NoiseSchedule } from './schedule/schedule.ts';
import { ddim } from './samplers/ddim.ts';

type Clip = [number, number, number, number, number];

interface Goldens {
  readonly seed: number;
  readonly filters: readonly { shape: [number, number, number]; filter: LowPassFilter; mask: number[] }[];
  readonly mixes: readonly { shape: Clip; filter: LowPassFilter; every: number; mixed: number[] }[];
  readonly loops: readonly {
    shape: Clip;
    kind: LowPassKind;
    coarseToFine: boolean;
    steps: number;
    passes: number[][];
  }[];
}

const goldens = JSON.parse(await readFile(join(import.meta.dirname, 'goldens', 'freeinit.json'), 'utf8')) as Goldens;
const lavie: NoiseSchedule = { kind: 'linear', betaStart: 1e-4, betaEnd: 0.02, trainSteps: 1000 };
const zeroTerminal: NoiseSchedule = { kind: 'cosine', shift: 2, trainSteps: 1000 };
const quarter = { spatial: 0.25, temporal: 0.25 };

function draw(shape: Clip, stream: string): Tensor {
  return new Tensor(shape, philoxNormal({ seed: goldens.seed, stream, step: 0 }, sizeOf(shape)));
}

/** The largest difference between values, each as a share of the reference's, or of one where that is smaller. */
function largestError(values: ArrayLike<number>, reference: readonly number[]): number {
  expect(values).toHaveLength(reference.length);
  return Math.max(...reference.map((value, index) => Math.abs(values[index]! - value) / Math.max(1, Math.abs(value))));
}

describe('lowPass', () => {
  test.each(goldens.filters)('$filter.kind over $shape is the reference’s', ({ shape, filter, mask }) => {
    const [frames, height, width] = shape;
    // The reference has frequency 0 in the middle.
    const shifted = lowPass(filter, shape);
    const ours = mask.map((_, cell) => {
      const place = [Math.floor(cell / (height * width)), Math.floor(cell / width) % height, cell % width];
      const [t, y, x] = place.map((at, axis) => (at + Math.ceil(shape[axis]! / 2)) % shape[axis]!);
      return shifted[(t! * height + y!) * width + x!]!;
    });
    expect(ours).toHaveLength(frames * height * width);
    expect(largestError(ours, mask)).toBeLessThan(1e-8);
  });

  test.each(['butterworth', 'gaussian', 'ideal', 'box'] as const)(
    '%s passes nothing at a stop frequency of 0, and frequency 0 otherwise',
    (kind) => {
      expect(Math.max(...lowPass({ kind, spatial: 0, temporal: 0.25 }, [4, 4, 6]))).toBe(0);
      expect(lowPass({ kind, ...quarter }, [16, 8, 16])[0]).toBe(1);
    },
  );

  test('a box higher than the latents are wide ends at their edges', () => {
    const passes = lowPass({ kind: 'box', spatial: 1, temporal: 1 }, [2, 16, 4]);
    expect(passes.every((each) => each === 1)).toBe(true);
  });
});

describe('mixFrequencies', () => {
  test.each(goldens.mixes)('by $filter.kind over $shape is the reference’s', ({ shape, filter, every, mixed }) => {
    const ours = mixFrequencies(draw(shape, 'low'), draw(shape, 'high'), filter);
    expect(
      largestError(
        [...ours.data].filter((_, index) => index % every === 0),
        mixed,
      ),
    ).toBeLessThan(1e-6);
  });

  test('a filter that passes nothing leaves the high one as it is', () => {
    const high = draw([1, 2, 4, 3, 5], 'high');
    const filter = { kind: 'gaussian', spatial: 0, temporal: 0.25 } as const;
    expect(mixFrequencies(draw([1, 2, 4, 3, 5], 'low'), high, filter)).toEqual(high);
  });

  test('refuses clips of different shapes', () => {
    const filter = { kind: 'box', ...quarter } as const;
    expect(() => mixFrequencies(draw([1, 1, 4, 3, 5], 'low'), draw([1, 1, 5, 3, 5], 'high'), filter)).toThrow(
      'high frequencies has shape [1, 1, 5, 3, 5]',
    );
  });
});

describe('a run of passes', () => {
  const model: Denoiser = (sample, timestep) =>
    Promise.resolve(
      new Tensor(
        sample.shape,
        sample.data.map((value, index) => 0.7 * Math.sin(value) + 0.2 * Math.cos(0.013 * timestep + index)),
      ),
    );

  test.each(goldens.loops)('$kind, coarse to fine $coarseToFine, is the reference’s', async (golden) => {
    const { shape, kind, coarseToFine, passes } = golden;
    const first = draw(shape, 'first');
    let clip = first;
    for (const [pass, reference] of passes.entries()) {
      const numSteps = coarseToFine ? coarseToFineSteps(golden.steps, passes.length, pass) : golden.steps;
      const all = samplingSteps(lavie, { kind: 'leading', offset: 1 }, numSteps, 'first');
      const { alphaBar, steps } = reinitialPass(lavie, all);
      const filter = { kind, ...quarter };
      const latents =
        pass === 0
          ? first
          : reinitialise({ clip, first, fresh: draw(shape, `fresh ${String(pass)}`), alphaBar, filter });
      const settings: DenoiseSettings = {
        steps,
        sampler: ddim(),
        prediction: 'epsilon',
        random: { seed: 1, stream: 'unused' },
      };
      for await (const state of denoise(model, settings, { done: 0, latents, kept: [] })) clip = state.latents;
      expect(largestError(clip.data, reference)).toBeLessThan(1e-5);
    }
  });
});

describe('reinitialPass', () => {
  test('noises to the last timestep where the schedule ends with signal', () => {
    const steps = samplingSteps(lavie, { kind: 'leading', offset: 1 }, 10);
    const pass = reinitialPass(lavie, steps);
    expect(pass.steps).toBe(steps);
    expect(pass.alphaBar).toBeCloseTo(4.036e-5, 8);
  });

  test('enters at the first step with signal where the schedule ends without', () => {
    const steps = samplingSteps(zeroTerminal, { kind: 'trailing' }, 25);
    const pass = reinitialPass(zeroTerminal, steps);
    expect(pass.steps).toEqual(steps.slice(1));
    expect(pass.alphaBar).toBe(steps[1]?.alphaBar);
    expect(pass.alphaBar).toBeGreaterThan(0);
  });

  test('keeps a lone step', () => {
    const steps = samplingSteps(zeroTerminal, { kind: 'trailing' }, 1);
    expect(reinitialPass(zeroTerminal, steps)).toEqual({ alphaBar: 0, steps });
  });
});
