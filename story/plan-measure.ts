import type { ModelRole, ModelSetRef, PackageRef } from './model-set.ts';
import { taskOf } from './task-key.ts';
import type { InterpTask, MeasureTask } from './task.ts';

/** The packages that look at clips; each is used where the set has it. */
const lookers: readonly ModelRole[] = ['text', 'probe', 'detector'];

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
