/**
 * The timesteps that a sampler visits.
 *
 * Spacings: S. Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed", 2023, arXiv:2305.08891, table 2,
 * in the arithmetic of huggingface/diffusers 0.35.2. Fractional stride: OpenAI's respacing, Vchitect/LaVie @6ce851e
 * interpolation/diffusion/respace.py `space_timesteps` with one section.
 *
 * | here | papers |
 * | --- | --- |
 * | `trainSteps`, `steps` | T, N |
 * | `sigma` | σ = √((1−ᾱ)/ᾱ), the noise level of x / √ᾱ |
 */
import { PipelineError } from '../../errors/pipeline-error.ts';
import { roundHalfEven } from '../../tensor/round-half-even.ts';
import { alphaBars, type NoiseSchedule } from './schedule.ts';

/**
 * Which timesteps are visited, always downwards:
 * `trailing` ends each of the equal parts of 0 … T−1, so the first step is T−1;
 * `leading` starts each part (integer stride, as diffusers 0.16), plus `offset`;
 * `linspace` spreads the steps from 0 to T−1, both included, each rounded, or with `between` at its exact place, as Euler
 * samplers take it: σ is interpolated and the model is told the nearest timestep;
 * `fractional` does the same with OpenAI's respacing, which adds up a fractional stride and rounds each sum.
 * `spare` points more are laid out and the ones at the clean end left out: diffusers' DPM-Solver and UniPC have 1.
 */
export type TimestepSpacing =
  | { readonly kind: 'trailing' }
  | { readonly kind: 'leading'; readonly offset: number; readonly spare?: number | undefined }
  | { readonly kind: 'linspace'; readonly spare?: number | undefined; readonly between?: boolean | undefined }
  | { readonly kind: 'fractional' };

/** One step of a sampler: from `timestep` to the next one, given by their ᾱ. */
export interface SamplingStep {
  /** The number the model is told; 0 … T−1. */
  readonly timestep: number;
  readonly alphaBar: number;
  /** ᾱ after the step; 1 is a clean sample. */
  readonly alphaBarNext: number;
  /** ᾱ of `timestep` itself, for solvers that read x_0 with it where the step begins between two timesteps. */
  readonly alphaBarTold?: number;
}

/**
 * The timesteps of a run, highest first; whole numbers but for `linspace` with `between`.
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
      const { offset, spare = 0 } = spacing;
      const stride = Math.floor(trainSteps / (steps + spare));
      const highest = (steps + spare - 1) * stride + offset;
      if (highest >= trainSteps) {
        throw new PipelineError(
          'SCRIPT_INVALID',
          `${steps} leading steps with offset ${offset} reach timestep ${highest}; the last one is ${trainSteps - 1}; use fewer steps`,
        );
      }
      return downwards(steps, (index) => highest - index * stride);
    }
    case 'linspace': {
      const { spare = 0, between = false } = spacing;
      const points = steps + spare;
      const stride = points > 1 ? (trainSteps - 1) / (points - 1) : 0;
      const place = (index: number): number => (points > 1 && index === points - 1 ? trainSteps - 1 : index * stride);
      return downwards(steps, (index) => {
        const position = place(points - 1 - index);
        return between ? position : roundHalfEven(position);
      });
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
  return joinSteps(
    timesteps.map((position) => ({ timestep: position, alphaBar: alphaBarAt(table, position, 'linear') })),
    last,
  );
}

/** Steps from points of the schedule, highest noise first; the last step ends at `last`. Timesteps are rounded. */
export function joinSteps(
  points: readonly { readonly timestep: number; readonly alphaBar: number }[],
  last: number,
): SamplingStep[] {
  return points.map(({ timestep, alphaBar }, index) => ({
    timestep: roundHalfEven(timestep),
    alphaBar,
    alphaBarNext: points[index + 1]?.alphaBar ?? last,
  }));
}

/** ᾱ between two timesteps, where σ or its logarithm is a straight line. */
export function alphaBarAt(table: Float64Array, position: number, scale: 'linear' | 'log'): number {
  const below = Math.floor(position);
  const share = position - below;
  if (share === 0) return table[below]!;
  const [low, high] = [sigmaOf(table[below]!), sigmaOf(table[below + 1]!)];
  const sigma =
    scale === 'linear'
      ? (1 - share) * low + share * high
      : Math.exp((1 - share) * Math.log(low) + share * Math.log(high));
  return 1 / (1 + sigma * sigma);
}

function sigmaOf(alphaBar: number): number {
  return Math.sqrt((1 - alphaBar) / alphaBar);
}

function downwards(steps: number, timestepOf: (index: number) => number): number[] {
  return Array.from({ length: steps }, (_, index) => timestepOf(index));
}
