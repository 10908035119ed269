/**
 * UniPC of order 2 on predictions of x_0, with B₂(h) = e^h − 1. W. Zhao, L. Bai, Y. Rao, J. Zhou, J. Lu, "UniPC: A Unified
 * Predictor-Corrector Framework for Fast Sampling of Diffusion Models", 2023, arXiv:2302.04867, algorithms 5 to 8.
 * Reference: huggingface/diffusers 0.35.2, schedulers/scheduling_unipc_multistep.py (its default settings).
 *
 * | here | paper |
 * | --- | --- |
 * | kept tensor 0 | x̃ᶜ of the step before: the corrected sample that its predictor started from |
 * | kept tensors 1, 2 | x_θ of the step before and of the one before that |
 * | `h`, `lambda` | h_i, λ (half the log of the signal-to-noise ratio) |
 * | `ratio` | r_1 = (λ_{s_1} − λ_{t_{i−1}}) / h_i, negative |
 * | `ofSlope`, `ofNewest` | a_1, a_2 of the corrector: the solution of R a = φ / B |
 *
 * The model is called once per step: its prediction first corrects the sample that the step before predicted (UniC), then
 * the next one is predicted from the corrected sample (UniP).
 *
 * Where we differ: ᾱ = 0 is taken as it is, and terms that look across it vanish.
 */
import type { SamplingStep } from '../schedule/sampling-steps.ts';
import {
  cleanAndNoise,
  halfLogSnr,
  keptTensor,
  stepAt,
  sumOf,
  wholeSample,
  type Sampler,
  type StepWeights,
} from './linear-step.ts';

const lastCorrected = keptTensor(0);
const cleanBefore = keptTensor(1);
const cleanTwoBefore = keptTensor(2);

/** A UniPC sampler of order 2. */
export function unipc(): Sampler {
  return {
    name: 'unipc',
    settings: { order: 2 },
    step(steps, index, prediction) {
      const clean = { ...cleanAndNoise(stepAt(steps, index).alphaBar, prediction).clean, kept: [] };
      const corrected = index === 0 ? wholeSample : correct(steps, index, clean);
      return {
        next: predict(steps, index, corrected, clean),
        noise: 0,
        keep: index === 0 ? [corrected, clean] : [corrected, clean, cleanBefore],
      };
    },
  };
}

/** UniP: the next sample from the corrected one. The first and the last step are of order 1. */
function predict(
  steps: readonly SamplingStep[],
  index: number,
  corrected: StepWeights,
  clean: StepWeights,
): StepWeights {
  const { alphaBar, alphaBarNext } = stepAt(steps, index);
  const h = halfLogSnr(alphaBarNext) - halfLogSnr(alphaBar);
  const base = -Math.sqrt(alphaBarNext) * Math.expm1(-h);
  const ofSample = Math.sqrt((1 - alphaBarNext) / (1 - alphaBar));
  const before = steps[index - 1];
  if (before === undefined || index === steps.length - 1) return sumOf([ofSample, corrected], [base, clean]);
  const ratio = (halfLogSnr(before.alphaBar) - halfLogSnr(alphaBar)) / h;
  const slope = base / (2 * ratio);
  return sumOf([ofSample, corrected], [base - slope, clean], [slope, cleanBefore]);
}

/** UniC: the sample of this step once more, with what the model said of it. */
function correct(steps: readonly SamplingStep[], index: number, clean: StepWeights): StepWeights {
  const [from, to] = [stepAt(steps, index - 1).alphaBar, stepAt(steps, index).alphaBar];
  const h = halfLogSnr(to) - halfLogSnr(from);
  const base = -Math.sqrt(to) * Math.expm1(-h);
  const ofSample = Math.sqrt((1 - to) / (1 - from));
  const before = steps[index - 2];
  if (before === undefined) {
    return sumOf([ofSample, lastCorrected], [base / 2, cleanBefore], [base / 2, clean]);
  }
  const ratio = (halfLogSnr(before.alphaBar) - halfLogSnr(from)) / h;
  const [first, second] = correctorMoments(h);
  const ofSlope = (first - second) / (1 - ratio);
  const ofNewest = first - ofSlope;
  const slope = (base * ofSlope) / ratio;
  const newest = base * ofNewest;
  return sumOf(
    [ofSample, lastCorrected],
    [base - slope - newest, cleanBefore],
    [slope, cleanTwoBefore],
    [newest, clean],
  );
}

/** φ_1 / B and φ_2 / B of the corrector, from φ_{k+1} = (φ_k − 1 / k!) / (−h) on. */
function correctorMoments(h: number): [first: number, second: number] {
  const b = Math.expm1(-h);
  const first = b / -h - 1;
  const second = first / -h - 1 / 2;
  return [first / b, (2 * second) / b];
}
