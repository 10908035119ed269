/**
 * Ancestral sampling with Euler steps: an ODE step past the next noise level, then fresh noise up to it. K. Crowson,
 * crowsonkb/k-diffusion @4601bf0, k_diffusion/sampling.py `sample_euler_ancestral` (eta 1).
 * Reference: huggingface/diffusers 0.35.2, schedulers/scheduling_euler_ancestral_discrete.py.
 *
 * | here | reference |
 * | --- | --- |
 * | `ratio` | (σ_to / σ_from)², σ² = (1−ᾱ)/ᾱ |
 * | `down`, `up` | σ_down = σ_to · √ratio and σ_up = σ_to · √(1 − ratio), both times √ᾱ_to |
 *
 * Where we differ: samples keep unit variance (see `euler.ts`), so a step is that of DDIM with eta 1, and of DDPM with the
 * small variance, at σ_from = ∞ too.
 */
import { cleanAndNoise, mixedAnew, stepAt, type Sampler } from './linear-step.ts';

/** An ancestral Euler sampler. */
export function eulerAncestral(): Sampler {
  return {
    name: 'euler-ancestral',
    settings: {},
    step(steps, index, prediction) {
      const { alphaBar, alphaBarNext } = stepAt(steps, index);
      const signal = Math.sqrt(alphaBarNext);
      const noise = Math.sqrt(1 - alphaBarNext);
      const ratio = ((1 - alphaBarNext) * alphaBar) / (alphaBarNext * (1 - alphaBar));
      const down = noise * Math.sqrt(ratio);
      const up = noise * Math.sqrt(1 - ratio);
      return mixedAnew(cleanAndNoise(alphaBar, prediction), signal, down, up);
    },
  };
}
