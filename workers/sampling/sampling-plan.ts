import { samplingSteps, type SamplingStep } from '../../diffusion/schedule/sampling-steps.ts';
import { withCorrections } from '../../diffusion/samplers/heun.ts';
import type { SamplerKind } from '../../story/script/script.ts';
import type { DenoiserManifest } from '../../story/models/model-manifest.ts';

/**
 * The steps of a task, at the timesteps that the model's manifest asks for, with the corrections of a sampler that has them.
 *
 * @throws PipelineError `SCRIPT_INVALID` when the schedule has not so many.
 */
export function stepsOf(
  { schedule, sampler }: Pick<DenoiserManifest, 'schedule' | 'sampler'>,
  numSteps: number,
  kind: SamplerKind = sampler.kind,
): SamplingStep[] {
  const { spacing, lastAlphaBar } = sampler;
  const named = typeof spacing === 'string' ? { kind: spacing } : spacing;
  const steps = samplingSteps(schedule, named, numSteps, lastAlphaBar);
  return kind === 'heun' ? withCorrections(steps) : steps;
}
