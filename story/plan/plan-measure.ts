import { type Questions, readerOf } from '../models/questions.ts';
import { interpolatedFrames } from './frame-runs.ts';
import { perceptionRoles, type ModelRole, type ModelSetRef, type PackageRef } from '../models/model-set.ts';
import { clipTasks, pictureTasks } from './task-list.ts';
import type { MadeShot } from './plan.ts';
import { taskOf } from './task-key.ts';
import { type DecodeTask, type InterpTask, type MeasureTask, nameOf, type StageTask } from './task.ts';

/** The packages that look at clips; each is used where the set has it. */
const perception: readonly ModelRole[] = ['text', 'probe', 'detector', ...perceptionRoles];

/** A clip whose frames are to be measured. */
export interface MeasuredClip {
  /** What makes its frames, each task after the ones it depends on. */
  readonly tasks: readonly StageTask[];
  /** The last of them. */
  readonly frames: InterpTask | DecodeTask;
  /** Frames per second, for how fast things move. */
  readonly fps: number;
}

/** The clip of a shot as a film of `fps` frames per second shows it, also where the shot itself is shown without its interpolation. */
export function interpolatedClip(shot: MadeShot, fps: number): MeasuredClip {
  const tasks = [...pictureTasks(shot), ...clipTasks(shot)];
  const all = tasks.some(({ key }) => key === shot.interp.key) ? tasks : [...tasks, shot.interp];
  return { tasks: all, frames: shot.interp, fps };
}

/** The frames that the base model itself makes of a shot, at its own pace in a film of `fps` frames per second. */
export function keyClip(shot: MadeShot, fps: number, models: ModelSetRef): MeasuredClip {
  const { vae } = models.packages;
  const { frames, latentWidth, latentHeight } = shot.base.params;
  const decode = taskOf<DecodeTask>({
    stage: 'decode',
    params: { frames, latentWidth, latentHeight },
    inputs: [nameOf(shot.base)],
    packages: vae === undefined ? {} : { vae },
  });
  const made = clipTasks(shot).filter(({ stage }) => stage !== 'interp');
  // Frames of the film from one key frame to the next.
  const pace = (interpolatedFrames(frames) - 1) / Math.max(1, frames - 1);
  return { tasks: [...pictureTasks(shot), ...made, decode], frames: decode, fps: fps / pace };
}

/** The task that measures a clip. `asked` counts as far as the set has models that read words. */
export function planMeasure(
  { frames, fps }: MeasuredClip,
  prompt: string,
  models: ModelSetRef,
  asked: Questions = {},
): MeasureTask {
  const packages: Partial<Record<ModelRole, PackageRef>> = {};
  for (const role of perception) {
    const ref = models.packages[role];
    if (ref !== undefined) packages[role] = ref;
  }
  const answered: Questions = Object.fromEntries(
    Object.entries(asked).filter(([question]) => {
      const reader = readerOf[question as keyof Questions];
      return reader === null || packages[reader] !== undefined;
    }),
  );
  return taskOf<MeasureTask>({
    stage: 'measure',
    params: { prompt, fps, frames: frames.params.frames, ...(Object.keys(answered).length > 0 && { asked: answered }) },
    inputs: [nameOf(frames)],
    packages,
  });
}
