/**
 * DPM-Solver++ (2M). C. Lu, Y. Zhou, F. Bao, J. Chen, C. Li, J. Zhu, "DPM-Solver++: Fast Solver for Guided Sampling of
 * Diffusion Probabilistic Models", 2022, arXiv:2211.01095, algorithm 2.
 * Reference: huggingface/diffusers 0.35.2, schedulers/scheduling_dpmsolver_multistep.py (`dpmsolver++`, order 2, midpoint).
 *
 * | here | paper |
 * | --- | --- |
 * | `lambda` | λ_t = log(α_t / σ_t), half the log of the signal-to-noise ratio |
 * | `h`, `hBefore` | h_i = λ_{t_i} − λ_{t_{i−1}}, h_{i−1} |
 * | kept tensor 0 | x_θ(x_{t_{i−2}}, t_{i−2}), the x_0 of the step before |
 *
 * D = x_0 + (h / 2 h_{i−1}) (x_0 − x_0 of the step before);  x' = (σ' / σ) x − α' (e^{−h} − 1) D
 *
 * The first step is of first order, and so is the last one when it ends at the clean sample or the run has fewer than 15
 * steps, as the reference does for stability.
 *
 * Where we differ: ᾱ = 0 is taken as it is (h is infinite, and the step after it of first order); the reference puts 2⁻²⁴
 * in its place.
 */
import { cleanAndNoise, halfLogSnr, keptTensor, stepAt, sumOf, wholeSample, type Sampler } from './linear-step.ts';
import type { SamplingStep } from '../schedule/sampling-steps.ts';

/** A DPM-Solver++ 2M sampler. */
export function dpmpp2m(): Sampler {
  return {
    name: 'dpmpp-2m',
    settings: {},
    step(steps, index, prediction) {
      const { alphaBar, alphaBarNext } = stepAt(steps, index);
      const clean = { ...cleanAndNoise(alphaBar, prediction).clean, kept: [] };
      const h = halfLogSnr(alphaBarNext) - halfLogSnr(alphaBar);
      const ofSample = Math.sqrt((1 - alphaBarNext) / (1 - alphaBar));
      const ofClean = -Math.sqrt(alphaBarNext) * Math.expm1(-h);
      const slope = slopeShare(steps, index) * (ofClean / 2);
      return {
        next: sumOf([ofSample, wholeSample], [ofClean + slope, clean], [-slope, keptTensor(0)]),
        noise: 0,
        keep: [clean],
      };
    },
  };
}

/**
 * h / h_{i−1}, the weight of the slope between this x_0 and the one before in a second-order step; 0 for a step of first
 * order.
 */
export function slopeShare(steps: readonly SamplingStep[], index: number): number {
  const before = steps[index - 1];
  const { alphaBar, alphaBarNext } = stepAt(steps, index);
  const isLast = index === steps.length - 1;
  if (before === undefined || (isLast && (alphaBarNext === 1 || steps.length < 15))) return 0;
  const h = halfLogSnr(alphaBarNext) - halfLogSnr(alphaBar);
  return h / (halfLogSnr(alphaBar) - halfLogSnr(before.alphaBar));
}
