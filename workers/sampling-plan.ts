import { samplingSteps, type SamplingStep } from '../diffusion/sampling-steps.ts';
import { ddim } from '../diffusion/schedulers/ddim.ts';
import { ddpm } from '../diffusion/schedulers/ddpm.ts';
import { dpmpp2mSde } from '../diffusion/schedulers/dpmpp-2m-sde.ts';
import { dpmpp2m } from '../diffusion/schedulers/dpmpp-2m.ts';
import { eulerAncestral } from '../diffusion/schedulers/euler-ancestral.ts';
import { euler } from '../diffusion/schedulers/euler.ts';
import type { Sampler } from '../diffusion/schedulers/linear-step.ts';
import { unipc } from '../diffusion/schedulers/unipc.ts';
import type { DenoiserManifest } from '../story/model-manifest.ts';
import type { SamplerKind } from '../story/script.ts';

/** The sampler of a task, with the options that the model's manifest has for its kind. */
export function samplerOf(kind: SamplerKind, { eta, variance }: DenoiserManifest['sampler']): Sampler {
  switch (kind) {
    case 'ddim':
      return ddim(eta);
    case 'ddpm':
      return ddpm(variance);
    case 'euler':
      return euler();
    case 'euler-ancestral':
      return eulerAncestral();
    case 'dpmpp-2m':
      return dpmpp2m();
    case 'dpmpp-2m-sde':
      return dpmpp2mSde(eta);
    case 'unipc':
      return unipc();
  }
}

/**
 * The steps of a task, at the timesteps that the model's manifest asks for.
 *
 * @throws PipelineError `SCRIPT_INVALID` when the schedule has not so many.
 */
export function stepsOf({ schedule, sampler }: DenoiserManifest, numSteps: number): SamplingStep[] {
  const { spacing, lastAlphaBar } = sampler;
  return samplingSteps(schedule, typeof spacing === 'string' ? { kind: spacing } : spacing, numSteps, lastAlphaBar);
}
