/**
 * DDPM, ancestral sampling. J. Ho, A. Jain, P. Abbeel, "Denoising Diffusion Probabilistic Models", 2020, arXiv:2006.11239,
 * equations 6 and 7, section 3.2 for the two variances.
 * Reference: huggingface/diffusers 0.35.2, schedulers/scheduling_ddpm.py (`fixed_small`, `fixed_large`).
 *
 * | here | paper |
 * | --- | --- |
 * | `alphaBar`, `alphaBarNext` | ᾱ_t, ᾱ_{t−1}, with t−1 the next timestep of the run |
 * | `alpha`, `beta` | α_t = ᾱ_t / ᾱ_{t−1}, β_t = 1 − α_t of that stride |
 *
 * x_{t−1} = (√ᾱ_{t−1} β_t / (1−ᾱ_t)) x_0 + (√α_t (1−ᾱ_{t−1}) / (1−ᾱ_t)) x_t + √variance · fresh noise
 * variance: small = β_t (1−ᾱ_{t−1}) / (1−ᾱ_t); large = β_t
 *
 * Where we differ: the predicted x_0 is not clipped. The last step adds no noise for either variance, also when the run
 * does not end at timestep 0. At ᾱ_t = 0 `large` puts more noise than the next timestep has; take `small` there.
 */
import { cleanAndNoise, stepAt, type Sampler } from './linear-step.ts';

/** A DDPM sampler with fixed small (LaVie base) or fixed large (SEINE) variance. */
export function ddpm(variance: 'small' | 'large' = 'small'): Sampler {
  return {
    name: 'ddpm',
    settings: { variance },
    step(steps, index, prediction) {
      const { alphaBar, alphaBarNext } = stepAt(steps, index);
      const { clean } = cleanAndNoise(alphaBar, prediction);
      const alpha = alphaBar / alphaBarNext;
      const beta = 1 - alpha;
      const ofClean = (Math.sqrt(alphaBarNext) * beta) / (1 - alphaBar);
      const ofSample = (Math.sqrt(alpha) * (1 - alphaBarNext)) / (1 - alphaBar);
      const small = (beta * (1 - alphaBarNext)) / (1 - alphaBar);
      const isLast = alphaBarNext === 1;
      return {
        next: { sample: ofClean * clean.sample + ofSample, prediction: ofClean * clean.prediction, kept: [] },
        keep: [],
        noise: isLast ? 0 : Math.sqrt(variance === 'small' ? small : beta),
      };
    },
  };
}
