/**
 * DDIM. J. Song, C. Meng, S. Ermon, "Denoising Diffusion Implicit Models", 2020, arXiv:2010.02502, equations 12 and 16.
 * Reference: huggingface/diffusers 0.35.2, schedulers/scheduling_ddim.py.
 *
 * | here | paper |
 * | --- | --- |
 * | `alphaBar`, `alphaBarNext` | α_t, α_{t−1} (the paper's α is ᾱ of DDPM) |
 * | `sigma` | σ_t(η), eq. 16 |
 * | `direction` | √(1 − α_{t−1} − σ_t²), the weight of "direction pointing to x_t" |
 *
 * x_{t−1} = √α_{t−1} · x_0 + direction · ε + σ_t · fresh noise
 *
 * Where we differ: the step ends at the next timestep of the run. The reference subtracts ⌊T / steps⌋, which is another
 * timestep when `steps` does not divide T. The predicted x_0 is not clipped. ᾱ_t = 0 is allowed for v and sample.
 */
import { cleanAndNoise, mixedAnew, stepAt, type Sampler } from './linear-step.ts';

/**
 * A DDIM sampler.
 *
 * @param eta Share of fresh noise, 0 … 1: 0 is deterministic, 1 has the variance of DDPM's small choice.
 */
export function ddim(eta = 0): Sampler {
  return {
    name: 'ddim',
    settings: { eta },
    step(steps, index, prediction) {
      const { alphaBar, alphaBarNext } = stepAt(steps, index);
      const sigma = eta * Math.sqrt(((1 - alphaBarNext) / (1 - alphaBar)) * (1 - alphaBar / alphaBarNext));
      // With eta 1 the difference is 0 at some steps and may round to just below it.
      const direction = Math.sqrt(Math.max(0, 1 - alphaBarNext - sigma * sigma));
      const signal = Math.sqrt(alphaBarNext);
      return mixedAnew(cleanAndNoise(alphaBar, prediction), signal, direction, sigma);
    },
  };
}
