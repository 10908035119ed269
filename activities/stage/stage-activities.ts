import { type Pool, stageNames, stages } from '../../story/plan/stages.ts';
import type { StageActivities, StageActivity } from '../contracts.ts';
import type { StageRunner } from './stage-runner.ts';

/** The activities of the stages of a pool: each gives its task to the runner. */
export function stageActivities<Of extends Pool>(pool: Of, runner: StageRunner): StageActivities<Of> {
  const run: StageActivity = ({ task, context }) => runner.run(task, context);
  const own = stageNames.filter((stage) => stages[stage].pool === pool);
  return Object.fromEntries(own.map((stage) => [stages[stage].activity, run])) as StageActivities<Of>;
}
