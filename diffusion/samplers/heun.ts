/**
 * Heun's method for the probability-flow ODE, without churn. T. Karras, M. Aittala, T. Aila, S. Laine, "Elucidating the Design Space of
 * Diffusion-Based Generative Models", 2022, arXiv:2206.00364, algorithm 2 with S_churn = 0.
 * References: ueoo/VEnhancer @f03c69c video_to_video/diffusion/solvers_sdedit.py `sample_heun`; huggingface/diffusers 0.35.2,
 * schedulers/scheduling_heun_discrete.py.
 *
 * | here | paper |
 * | --- | --- |
 * | `sigma` | t_i = σ: the noise level of x / √ᾱ |
 * | kept tensor 0, kept tensor 1 | x_i and d_i, the slope there |
 *
 * The model is asked twice for each step: where it begins, and where Euler's method would end it. Both are entries of the list of steps:
 * behind a step comes its correction, which ends at the level at which it begins (`withCorrections`). The last step is Euler's, and so is
 * one that begins with pure noise.
 *
 * Where we differ: samples keep unit variance, so x here is x √ᾱ of the references.
 */
import type { SamplingStep } from '../schedule/sampling-steps.ts';
import { cleanAndNoise, keptTensor, mixedAnew, type Sampler, stepAt, sumOf, wholeSample } from './linear-step.ts';

/** Puts the correction behind each step that has one. */
export function withCorrections(steps: readonly SamplingStep[]): SamplingStep[] {
  return steps.flatMap((step, index) => {
    const next = steps[index + 1];
    if (next === undefined || step.alphaBar === 0) return [step];
    return [step, { ...next, alphaBarNext: next.alphaBar }];
  });
}

const sigmaOf = (alphaBar: number): number => Math.sqrt((1 - alphaBar) / alphaBar);

/** A Heun sampler, for steps `withCorrections`. */
export function heun(): Sampler {
  return {
    name: 'heun',
    settings: {},
    step(steps, index, prediction) {
      const { alphaBar, alphaBarNext, alphaBarTold = alphaBar } = stepAt(steps, index);
      const forms = cleanAndNoise(alphaBarTold, prediction);
      if (alphaBar === 0) return mixedAnew(forms, Math.sqrt(alphaBarNext), Math.sqrt(1 - alphaBarNext), 0);
      const clean = { ...forms.clean, kept: [] };
      const [signal, sigma] = [Math.sqrt(alphaBar), sigmaOf(alphaBar)];
      const slope = sumOf([1 / (sigma * signal), wholeSample], [-1 / sigma, clean]);
      const before = index > 0 ? stepAt(steps, index - 1) : null;
      if (before !== null && alphaBarNext === alphaBar && before.alphaBarNext === alphaBar) {
        const half = (sigma - sigmaOf(before.alphaBar)) / 2;
        const start = 1 / Math.sqrt(before.alphaBar);
        const end = sumOf([start, keptTensor(0)], [half, keptTensor(1)], [half, slope]);
        return { next: sumOf([signal, end]), noise: 0, keep: [] };
      }
      const signalNext = Math.sqrt(alphaBarNext);
      const end = sumOf([1 / signal, wholeSample], [sigmaOf(alphaBarNext) - sigma, slope]);
      const isLast = index === steps.length - 1;
      return { next: sumOf([signalNext, end]), noise: 0, keep: isLast ? [] : [wholeSample, slope] };
    },
  };
}
