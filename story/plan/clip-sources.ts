import type { Shot, StoryScript } from '../script/script.ts';
import type { ClipSettings } from './clip-settings.ts';
import type { EnhanceParams } from './enhance-settings.ts';
import { foundOf } from './footage.ts';
import { interpolatedFrames } from './frame-runs.ts';
import type { ShotSpan } from './frame-runs.ts';
import type { SegmentSource } from './plan-segments.ts';
import type { MadeShot, ShotPlan } from './plan.ts';
import { taskOf } from './task-key.ts';
import { nameOf } from './task.ts';
import type { BaseTask, CompletionTask, DenoiseParams, InterpTask, TransitionTask } from './task.ts';

/** What a shot is planned with: its place in the story, and what comes before it. */
export interface ShotPlace {
  readonly index: number;
  readonly script: StoryScript;
  readonly clips: ClipSettings;
  /** Plan of the shot before. */
  readonly before: ShotPlan | undefined;
  /** What the film shows of it when it crops it. */
  readonly focus: number;
  /** What it shows of its clip. */
  readonly span: ShotSpan;
}

/** A clip of one's own, as segments are cut from it. */
export function sourceOfFootage(
  shot: Shot,
  { index, clips, focus }: Pick<ShotPlace, 'index' | 'clips' | 'focus'>,
): SegmentSource {
  const made = foundOf(shot);
  const { negative, seed } = shot.sampling;
  const words = { prompt: shot.prompt, negative, seed };
  const enhance = planEnhance(shot, words, index, clips);
  return { made, size: made, frames: made.frames, enhance, words, focus: { from: focus, to: focus } };
}

/** A clip that is made, as segments are cut from it. */
export function sourceOfMade(
  { base, interp }: Pick<MadeShot, 'base' | 'interp'>,
  {
    enhance,
    focus,
    clips,
  }: { readonly enhance: EnhanceParams | null; readonly focus: number; readonly clips: ClipSettings },
): SegmentSource {
  return {
    made: nameOf(makesBetween(enhance) ? base : interp),
    size: clips.native,
    frames: interpolatedFrames(base.params.frames),
    enhance,
    words: base.params,
    focus: { from: focus, to: focus },
  };
}

/** How a shot or the join in front of it is enhanced, with these words. */
export function planEnhance(
  shot: Shot,
  words: Pick<DenoiseParams, 'prompt' | 'prompts' | 'negative' | 'seed'>,
  index: number,
  clips: ClipSettings,
): EnhanceParams | null {
  return shot.enhance === undefined ? null : clips.enhance(shot.enhance, words, `shots[${index}]`);
}

/** Whether an enhancement makes the frames between the keys itself. */
export function makesBetween(enhance: EnhanceParams | null): boolean {
  return enhance !== null && enhance.keyStep > 1;
}

/** The frames between the keys of a clip. */
export function planInterp(
  keys: BaseTask | CompletionTask | TransitionTask,
  shot: Shot,
  clips: ClipSettings,
): InterpTask {
  return taskOf<InterpTask>({
    stage: 'interp',
    params: clips.interp(keys.params, shot.sampling),
    inputs: [nameOf(keys)],
    packages: clips.packages('text', 'interp', 'vae'),
  });
}
