/**
 * Noise schedules and the timesteps that a sampler visits.
 *
 * Linear betas: J. Ho, A. Jain, P. Abbeel, "Denoising Diffusion Probabilistic Models", 2020, arXiv:2006.11239, section 4.
 * Cosine: A. Nichol, P. Dhariwal, "Improved DDPM", 2021, arXiv:2102.09672, eq. 17, shifted as E. Hoogeboom et al., "Simple
 * diffusion", 2023, arXiv:2301.11093, section 3.1. Spacings: S. Lin et al., "Common Diffusion Noise Schedules and Sample
 * Steps are Flawed", 2023, arXiv:2305.08891, table 2; fractional stride: Vchitect/LaVie @6ce851e
 * interpolation/diffusion/respace.py.
 *
 * | here | paper |
 * | --- | --- |
 * | `alphaBar[i]` | ᾱ at timestep i: the share of signal in x_i = √ᾱ x_0 + √(1−ᾱ) ε |
 * | `trainSteps` | T |
 *
 * Where we differ: the cosine schedule has no small offset s and no limit on beta, so ᾱ is 0 at the last timestep (zero
 * terminal SNR). Tables are float64; the reference codes use float32 or float64 by place.
 */
import { PipelineError } from '../errors/pipeline-error.ts';

/** How a model was trained to see noise; the `schedule` of its manifest. */
export type NoiseSchedule =
  | { readonly kind: 'linear'; readonly betaStart: number; readonly betaEnd: number; readonly trainSteps: number }
  | { readonly kind: 'cosine'; readonly shift: number; readonly trainSteps: number };

/**
 * Which timesteps are visited, always downwards:
 * `trailing` ends each of the equal parts of 0 … T−1, so the first step is T−1;
 * `leading` starts each part (integer stride, as diffusers 0.16), plus `offset`;
 * `fractional` spreads the steps from 0 to T−1, both included (OpenAI's respacing).
 */
export type TimestepSpacing =
  | { readonly kind: 'trailing' }
  | { readonly kind: 'leading'; readonly offset: number }
  | { readonly kind: 'fractional' };

/** One step of a sampler: from `timestep` to the next one, given by their ᾱ. */
export interface SamplingStep {
  /** The number the model is told; 0 … T−1. */
  readonly timestep: number;
  readonly alphaBar: number;
  /** ᾱ after the step; 1 is a clean sample. */
  readonly alphaBarNext: number;
}

/** ᾱ for every timestep 0 … T−1, strictly falling. */
export function alphaBars(schedule: NoiseSchedule): Float64Array {
  const { trainSteps } = schedule;
  const table = new Float64Array(trainSteps);
  if (schedule.kind === 'linear') {
    const { betaStart, betaEnd } = schedule;
    const slope = trainSteps > 1 ? (betaEnd - betaStart) / (trainSteps - 1) : 0;
    let product = 1;
    for (let index = 0; index < trainSteps; index++) {
      product *= 1 - (betaStart + index * slope);
      table[index] = product;
    }
    return table;
  }
  for (let index = 0; index < trainSteps; index++) {
    const tangent = schedule.shift * Math.tan((Math.PI / 2) * ((index + 1) / trainSteps));
    table[index] = 1 / (1 + tangent * tangent);
  }
  // The tangent of a right angle is infinite; in floating point it is only large.
  table[trainSteps - 1] = 0;
  return table;
}

/**
 * The timesteps of a run, highest first.
 *
 * @throws PipelineError `SCRIPT_INVALID` when there are fewer than one or more than `trainSteps` steps.
 */
export function inferenceTimesteps(spacing: TimestepSpacing, trainSteps: number, steps: number): number[] {
  if (!Number.isInteger(steps) || steps < 1 || steps > trainSteps) {
    throw new PipelineError('SCRIPT_INVALID', `steps is ${steps}; it must be a whole number from 1 to ${trainSteps}`);
  }
  switch (spacing.kind) {
    case 'trailing': {
      // The arithmetic of numpy.arange(T, 0, −T / steps): where T / steps has no exact double, its rounding decides ties.
      const difference = trainSteps - trainSteps / steps - trainSteps;
      return downwards(steps, (index) => roundHalfEven(trainSteps + index * difference) - 1);
    }
    case 'leading': {
      const stride = Math.floor(trainSteps / steps);
      const highest = (steps - 1) * stride + spacing.offset;
      if (highest >= trainSteps) {
        throw new PipelineError(
          'SCRIPT_INVALID',
          `${steps} leading steps with offset ${spacing.offset} reach timestep ${highest}; the last one is ${trainSteps - 1}; use fewer steps`,
        );
      }
      return downwards(steps, (index) => highest - index * stride);
    }
    case 'fractional': {
      const stride = steps > 1 ? (trainSteps - 1) / (steps - 1) : 1;
      const upwards: number[] = [];
      // The sum is built up step by step, as the reference does: its rounding errors decide some ties.
      for (let position = 0; upwards.length < steps; position += stride) upwards.push(roundHalfEven(position));
      return upwards.reverse();
    }
  }
}

/**
 * The steps of a run. Each ends at the ᾱ of the next timestep in the list, the last one at `lastAlphaBar`.
 *
 * @param lastAlphaBar `one` ends at the clean sample; `first` ends at ᾱ of timestep 0, as Stable Diffusion 1's DDIM does
 * (`set_alpha_to_one: false`).
 * @throws PipelineError `SCRIPT_INVALID` as {@link inferenceTimesteps}.
 */
export function samplingSteps(
  schedule: NoiseSchedule,
  spacing: TimestepSpacing,
  steps: number,
  lastAlphaBar: 'one' | 'first' = 'one',
): SamplingStep[] {
  const table = alphaBars(schedule);
  const timesteps = inferenceTimesteps(spacing, schedule.trainSteps, steps);
  const last = lastAlphaBar === 'one' ? 1 : table[0]!;
  return timesteps.map((timestep, index) => {
    const next = timesteps[index + 1];
    return { timestep, alphaBar: table[timestep]!, alphaBarNext: next === undefined ? last : table[next]! };
  });
}

function downwards(steps: number, timestepOf: (index: number) => number): number[] {
  return Array.from({ length: steps }, (_, index) => timestepOf(index));
}

/** Rounds as Python and NumPy do: halves go to the even neighbour. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const fraction = value - below;
  if (fraction !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}
