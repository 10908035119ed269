import type { SrActivities } from '../../activities/contracts.ts';
import type { StageRunner } from '../../activities/stage/stage-runner.ts';

/** The activities of the super-resolution pool. */
export function createSrActivities(runner: StageRunner): SrActivities {
  return {
    enhanceClip: ({ task, context }) => runner.run(task, context),
    enhanceSegment: ({ task, context }) => runner.run(task, context),
  };
}
