import type { BaseActivities } from '../../activities/contracts.ts';
import type { StageRunner } from '../../activities/stage/stage-runner.ts';

/** The activities of the base pool. */
export function createBaseActivities(runner: StageRunner): BaseActivities {
  return {
    generateBaseClip: ({ task, context }) => runner.run(task, context),
    encodePicture: ({ task, context }) => runner.run(task, context),
    completeClip: ({ task, context }) => runner.run(task, context),
    generateTransition: ({ task, context }) => runner.run(task, context),
  };
}
