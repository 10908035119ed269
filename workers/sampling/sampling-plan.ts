import { samplingSteps, type SamplingStep } from '../../diffusion/schedule/sampling-steps.ts';
import type { DenoiserManifest } from '../../story/models/model-manifest.ts';

/**
 * The steps of a task, at the timesteps that the model's manifest asks for.
 *
 * @throws PipelineError `SCRIPT_INVALID` when the schedule has not so many.
 */
export function stepsOf(
  { schedule, sampler }: Pick<DenoiserManifest, 'schedule' | 'sampler'>,
  numSteps: number,
): SamplingStep[] {
  const { spacing, lastAlphaBar } = sampler;
  return samplingSteps(schedule, typeof spacing === 'string' ? { kind: spacing } : spacing, numSteps, lastAlphaBar);
}
