import type { ClipSettings } from './clip-settings.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { isMade } from './plan.ts';
import type { MadeShot, ShotPlan } from './plan.ts';
import { tellingWord } from '../script/placeholders.ts';
import { keyOf } from './plan-pictures.ts';
import type { Shot, Subject } from '../script/script.ts';
import { taskOf } from './task-key.ts';
import { type ArtifactName, type BaseTask, type CompletionTask, type KnownFrame, nameOf } from './task.ts';

/** What a shot's clip is made of beside its words. */
interface ClipSources {
  /** The shot that it goes on from. */
  readonly continued: ShotPlan | undefined;
  readonly pictures: NonNullable<MadeShot['pictures']>;
  /** What its prompts name. */
  readonly subject: Subject | null;
  /** Frames per second of the film. */
  readonly fps: number;
}

/**
 * The clip of a shot: from text alone, or from text and frames of the shot that it continues and of pictures. `earlier` are
 * FreeInit's iterations before it.
 */
export function planClip(
  shot: Shot,
  { continued, pictures, subject, fps }: ClipSources,
  clips: ClipSettings,
): { readonly base: BaseTask | CompletionTask; readonly earlier: readonly BaseTask[] } {
  const { prompt, sampling, join } = shot;
  const inputs: ArtifactName[] = [];
  const known: KnownFrame[] = [];
  if (continued !== undefined && join?.kind === 'continue') {
    const [made, numKeys] = lastKeysOf(continued);
    inputs.push(nameOf(made));
    const first = numKeys - join.known;
    for (let frame = 0; frame < join.known; frame++) known.push({ frame, input: 0, from: first + frame });
  }
  for (const { frame, task } of pictures) {
    const found = inputs.findIndex(({ key }) => key === task.key);
    const input = found === -1 ? inputs.push(nameOf(task)) - 1 : found;
    known.push({ frame, input, from: 0 });
  }
  if (known.length === 0) return planIterations(shot, subject, fps, clips);
  const base = taskOf<CompletionTask>({
    stage: 'completion',
    params: { ...clips.completion(prompt, sampling), known },
    inputs,
    packages: clips.completing(),
  });
  return { base, earlier: [] };
}

/** The latents that a shot ends with, and how many frames of them count. */
function lastKeysOf(shot: ShotPlan): [ArtifactName, number] {
  if (isMade(shot)) return [shot.base, shot.cut?.keys ?? shot.base.params.frames];
  const { last } = shot.footage;
  if (last === undefined) throw new PipelineError('INTERNAL', `shot ${shot.id} has no last frames as latents`);
  return [last, last.params.of.length];
}

/**
 * A clip from text and perhaps the picture of a subject: one task, or with FreeInit one for each iteration, which reads the one
 * before.
 */
function planIterations(
  shot: Shot,
  subject: Subject | null,
  fps: number,
  clips: ClipSettings,
): ReturnType<typeof planClip> & { base: BaseTask } {
  const packages = subject === null ? clips.packages('text', 'base') : clips.packages('text', 'vae', 'subject');
  const [first, ...later] =
    subject === null
      ? clips.base(shot, fps, null)
      : clips.base(tellingWord(shot, subject), fps, keyOf(subject.picture));
  const uploads = subject === null ? [] : [{ stage: 'upload', key: keyOf(subject.picture) } as const];
  let base = taskOf<BaseTask>({ stage: 'base', params: first, inputs: uploads, packages });
  const earlier: BaseTask[] = [];
  for (const params of later) {
    earlier.push(base);
    base = taskOf<BaseTask>({ stage: 'base', params, inputs: [nameOf(base), ...uploads], packages });
  }
  return { base, earlier };
}
