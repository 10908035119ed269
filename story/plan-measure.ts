import type { ModelRole, ModelSetRef, PackageRef } from './model-set.ts';
import { clipTasks, pictureTasks } from './plan-story.ts';
import type { ShotPlan } from './plan.ts';
import { taskOf } from './task-key.ts';
import type { InterpTask, MeasureTask, StageTask } from './task.ts';

/** The packages that look at clips; each is used where the set has it. */
const lookers: readonly ModelRole[] = ['text', 'probe', 'detector'];

/**
 * The tasks that make the frames which a measure looks at, each after the ones it depends on: those of the interpolation, also of
 * a clip that is shown without it.
 */
export function measuredTasks(shot: ShotPlan): readonly StageTask[] {
  const tasks = [...pictureTasks(shot), ...clipTasks(shot)];
  return tasks.some(({ key }) => key === shot.interp.key) ? tasks : [...tasks, shot.interp];
}

/** The task that measures a clip. `fps` is the film's, for how fast things move. */
export function planMeasure(interp: InterpTask, prompt: string, fps: number, models: ModelSetRef): MeasureTask {
  const packages: Partial<Record<ModelRole, PackageRef>> = {};
  for (const role of lookers) {
    const ref = models.packages[role];
    if (ref !== undefined) packages[role] = ref;
  }
  return taskOf<MeasureTask>({
    stage: 'measure',
    params: { prompt, fps, frames: interp.params.frames },
    inputs: [interp.key],
    packages,
  });
}
