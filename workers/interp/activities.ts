import type { InterpActivities } from '../../activities/contracts.ts';
import type { StageRunner } from '../../activities/stage/stage-runner.ts';

/** The activities of the interpolation pool. */
export function createInterpActivities(runner: StageRunner): InterpActivities {
  return {
    interpolateClip: ({ task, context }) => runner.run(task, context),
    decodeClip: ({ task, context }) => runner.run(task, context),
    measureClip: ({ task, context }) => runner.run(task, context),
  };
}
