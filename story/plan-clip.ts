import { PipelineError } from '../errors/pipeline-error.ts';
import type { ClipSettings } from './clip-settings.ts';
import type { ShotPlan } from './plan.ts';
import type { Shot } from './script.ts';
import { taskOf } from './task-key.ts';
import type { BaseTask, CompletionTask, KnownFrame, PictureTask } from './task.ts';

/** What a shot's clip is made of beside its words. */
interface ClipSources {
  /** The shot that it goes on from. */
  readonly continued: ShotPlan | undefined;
  readonly pictures: NonNullable<ShotPlan['pictures']>;
  /** Frames per second of the film. */
  readonly fps: number;
}

/**
 * The clip of a shot: from text alone, or from text and frames of the shot that it continues and of pictures. `earlier` are
 * FreeInit's iterations before it.
 */
export function planClip(
  shot: Shot,
  { continued, pictures, fps }: ClipSources,
  clips: ClipSettings,
): { readonly base: BaseTask | CompletionTask; readonly earlier: readonly BaseTask[] } {
  const { prompt, sampling, join } = shot;
  const inputs: string[] = [];
  const known: KnownFrame[] = [];
  if (continued !== undefined && join?.kind === 'continue') {
    inputs.push(continued.base.key);
    const first = continued.base.params.frames - join.known;
    for (let frame = 0; frame < join.known; frame++) known.push({ frame, input: 0, from: first + frame });
  }
  for (const { frame, task } of pictures) {
    if (!inputs.includes(task.key)) inputs.push(task.key);
    known.push({ frame, input: inputs.indexOf(task.key), from: 0 });
  }
  if (known.length === 0) return planIterations(shot, fps, clips);
  const base = taskOf<CompletionTask>({
    stage: 'completion',
    params: { ...clips.completion(prompt, sampling), known },
    inputs,
    packages: clips.packages('text', 'transition'),
  });
  return { base, earlier: [] };
}

/** A clip from text: one task, or with FreeInit one for each iteration, which reads the one before. */
function planIterations(
  shot: Shot,
  fps: number,
  clips: ClipSettings,
): ReturnType<typeof planClip> & { base: BaseTask } {
  const packages = clips.packages('text', 'base');
  const [first, ...later] = clips.base(shot, fps);
  let base = taskOf<BaseTask>({ stage: 'base', params: first, inputs: [], packages });
  const earlier: BaseTask[] = [];
  for (const params of later) {
    earlier.push(base);
    base = taskOf<BaseTask>({ stage: 'base', params, inputs: [base.key], packages });
  }
  return { base, earlier };
}

/** The tasks that encode the pictures of a shot, one for each known frame. */
export function planPictures(shot: Shot, index: number, clips: ClipSettings): NonNullable<ShotPlan['pictures']> {
  return (shot.pictures ?? []).map(({ frame, picture }) => {
    const { source, key } = picture;
    if (key === null)
      throw new PipelineError('INTERNAL', `picture ${source} has no key; read the pictures before planning`);
    if (frame >= clips.numKeys) {
      const path = `shots[${index}].keyframes.${frame}`;
      const message = `${path} is ${JSON.stringify(source)}; a clip has frames 0 to ${clips.numKeys - 1}; choose one of them`;
      throw new PipelineError('SCRIPT_INVALID', message, { details: { problems: [{ path, line: null, message }] } });
    }
    const params = { picture: key, ...clips.native };
    const packages = clips.packages('vae');
    return { frame, source, task: taskOf<PictureTask>({ stage: 'picture', params, inputs: [], packages }) };
  });
}
