/**
 * The steps of a run that starts from noised frames and not from noise (C. Meng et al., "SDEdit", 2021, arXiv:2108.01073), as
 * VEnhancer takes them (J. He et al., 2024, arXiv:2407.07667), for the samplers `dpmpp-2m-sde` and `heun`.
 * Reference: ueoo/VEnhancer @f03c69c video_to_video/diffusion/diffusion_sdedit.py `sample`, trailing discretization.
 *
 * | here | reference |
 * | --- | --- |
 * | `start` | t_max, 899: the timestep that the frames are noised to |
 * | positions | `steps`: places between timesteps, where log σ is a straight line |
 *
 * For `dpmpp-2m-sde` the last place but the clean end is left out (`discard_penultimate_step`): n places make n − 1 steps. Heun's takes
 * all of them, and asks the model twice for each but the last. The model is told the
 * nearest timestep, and x_0 is read from its answer with the noise level of that timestep, while the solver steps from the
 * place itself.
 */
import { Tensor } from '../tensor/tensor.ts';
import { alphaBarAt, joinSteps, type SamplingStep } from './schedule/sampling-steps.ts';
import { alphaBars, type NoiseSchedule } from './schedule/schedule.ts';
import { withCorrections } from './samplers/heun.ts';

/** Where the fast list changes from few steps to many. */
const fastMiddle = 500;

/**
 * The steps from a noised clip to a clean one.
 *
 * @param steps `fast` is VEnhancer's fixed list of 15 places, 4 down to timestep 500 and 11 from there: 14 steps. A number
 * spreads that many steps evenly.
 */
export function enhancerSteps(
  schedule: NoiseSchedule,
  start: number,
  steps: 'fast' | number,
  sampler: 'dpmpp-2m-sde' | 'heun' = 'dpmpp-2m-sde',
): SamplingStep[] {
  const table = alphaBars(schedule);
  const spare = sampler === 'heun' ? 0 : 1;
  const places =
    steps === 'fast'
      ? [...evenly(start, fastMiddle, 4), ...evenly(fastMiddle, 0, 11)]
      : evenly(start, 0, steps + spare);
  const points = places
    .slice(0, places.length - spare)
    .map((timestep) => ({ timestep, alphaBar: alphaBarAt(table, timestep, 'log') }));
  const made = joinSteps(points, 1).map((step) => ({
    ...step,
    alphaBarTold: alphaBarAt(table, step.timestep, 'log'),
  }));
  return sampler === 'heun' ? withCorrections(made) : made;
}

/** `count` places from `from` downwards, each ending one of the equal parts of `to … from`. */
function evenly(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from - index * ((from - to + 1) / count));
}

/**
 * The noised frames as the sampler starts from them: smaller by √(1−ᾱ), because the reference multiplies them by σ to enter
 * its variance-exploding space and divides by √(1+σ²) before each call.
 *
 * @param noised `[1, C, F, h, w]`, diffused to the first step's timestep.
 */
export function enhancerStart(noised: Tensor, [first]: readonly SamplingStep[]): Tensor {
  const factor = Math.sqrt(1 - (first?.alphaBar ?? 0));
  return new Tensor(
    noised.shape,
    noised.data.map((value) => factor * value),
  );
}
