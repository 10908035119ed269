import type { SrActivities } from '../../activities/contracts.ts';
import type { StageRunner } from '../stage-runner.ts';

/** The activities of the super-resolution pool. */
export function createSrActivities(runner: StageRunner): SrActivities {
  return {
    enhanceSegment: ({ task, context }) => runner.run(task, context),
  };
}
