/**
 * SDE-DPM-Solver++ (2M): the stochastic form of DPM-Solver++. C. Lu et al., 2022, arXiv:2211.01095, appendix, with the
 * `eta` of K. Crowson, crowsonkb/k-diffusion @4601bf0, k_diffusion/sampling.py `sample_dpmpp_2m_sde`.
 * References: huggingface/diffusers 0.35.2, schedulers/scheduling_dpmsolver_multistep.py (`sde-dpmsolver++`, order 2, both
 * solver types; eta is 1 there); ueoo/VEnhancer @f03c69c video_to_video/diffusion/solvers_sdedit.py.
 *
 * | here | papers |
 * | --- | --- |
 * | `h`, kept tensor 0 | as in `dpmpp-2m.ts` |
 * | `decay` | −expm1(−(1 + eta) h), the share of the old sample that is replaced |
 *
 * x' = (σ'/σ) e^{−eta h} x + α' decay x_0 + slope (x_0 − x_0 of the step before) h / h_{i−1} + σ' √(1 − e^{−2 eta h}) · noise
 * slope: midpoint = α' decay / 2; heun = α' (decay / (−(1 + eta) h) + 1)
 *
 * Where we differ: samples keep unit variance, in which the variance-exploding form of k-diffusion and VEnhancer is the
 * same step (x there is x / √ᾱ here); fresh noise is plain and not a Brownian tree; ᾱ = 0 is taken as it is, and the
 * step then forgets the sample when eta is above 0 (VEnhancer's takes eta 0 there).
 */
import { slopeShare } from './dpmpp-2m.ts';
import { cleanAndNoise, halfLogSnr, keptTensor, stepAt, sumOf, wholeSample, type Sampler } from './linear-step.ts';

/**
 * An SDE-DPM-Solver++ 2M sampler.
 *
 * @param eta Share of fresh noise, 0 … 1: 0 is DPM-Solver++ 2M.
 * @param solver How the second-order term is taken; `midpoint` is the usual one.
 */
export function dpmpp2mSde(eta = 1, solver: 'midpoint' | 'heun' = 'midpoint'): Sampler {
  return {
    name: 'dpmpp-2m-sde',
    settings: { eta, solver },
    step(steps, index, prediction) {
      const { alphaBar, alphaBarNext, alphaBarTold = alphaBar } = stepAt(steps, index);
      const clean = { ...cleanAndNoise(alphaBarTold, prediction).clean, kept: [] };
      const h = halfLogSnr(alphaBarNext) - halfLogSnr(alphaBar);
      // With eta 0 and an infinite step the product would be NaN.
      const etaH = eta === 0 ? 0 : eta * h;
      const signal = Math.sqrt(alphaBarNext);
      const noise = Math.sqrt(1 - alphaBarNext);
      const decay = -Math.expm1(-h - etaH);
      const share = slopeShare(steps, index);
      const curve = solver === 'midpoint' ? decay / 2 : 1 - decay / (h + etaH);
      const slope = share === 0 ? 0 : signal * curve * share;
      const ofSample = (noise / Math.sqrt(1 - alphaBar)) * Math.exp(-etaH);
      return {
        next: sumOf([ofSample, wholeSample], [signal * decay + slope, clean], [-slope, keptTensor(0)]),
        noise: noise * Math.sqrt(-Math.expm1(-2 * etaH)),
        keep: [clean],
      };
    },
  };
}
