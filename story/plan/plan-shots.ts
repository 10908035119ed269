import { PipelineError } from '../../errors/pipeline-error.ts';
import { isMixing } from '../script/join-length.ts';
import { subjectOf } from '../script/placeholders.ts';
import type { OwnClip, Shot } from '../script/script.ts';
import { makesBetween, planEnhance, planInterp, sourceOfFootage, sourceOfMade } from './clip-sources.ts';
import type { ShotPlace } from './clip-sources.ts';
import { footageWords, foundOf, keysOfEnd, partsWith } from './footage.ts';
import type { ShotSpan } from './frame-runs.ts';
import { planClip } from './plan-clip.ts';
import { planPictures } from './plan-pictures.ts';
import { planSegments } from './plan-segments.ts';
import type { FootageShot, MadeShot, ShotPlan } from './plan.ts';
import { taskOf } from './task-key.ts';
import type { EncodeTask } from './task.ts';

/** The span of a shot. @throws PipelineError `INTERNAL` when there is none. */
export function spanAt(spans: readonly ShotSpan[], index: number): ShotSpan {
  const span = spans[index];
  if (span === undefined) throw new PipelineError('INTERNAL', `shot ${index} has no span`);
  return span;
}

/** Plans a shot: its tasks, and the segments that the film shows of it. @throws PipelineError as `planStory` says. */
export function planShot(shot: Shot, place: ShotPlace): ShotPlan {
  return shot.clip === undefined ? planMadeShot(shot, place) : planFootageShot(shot, shot.clip, place);
}

/** A shot that shows a clip of one's own. Its ends become latents where the model goes on from them or leads to them. */
function planFootageShot(shot: Shot, { source }: OwnClip, place: ShotPlace): FootageShot {
  const { index, script, clips, focus, span } = place;
  const { output } = script;
  const { join } = shot;
  const next = script.shots[index + 1]?.join ?? null;
  const end = (which: 'first' | 'last', known: number): EncodeTask => {
    const of = keysOfEnd(span, which, known, output.fps);
    const { footage, inputs } = partsWith(foundOf(shot), Math.min(...of), Math.max(...of));
    const shown = { width: output.width, height: output.height, focus };
    const params = { footage, of, frames: known, ...clips.native, shown };
    return taskOf<EncodeTask>({ stage: 'encode', params, inputs, packages: clips.packages('vae') });
  };
  return {
    kind: 'shot',
    id: shot.id,
    index,
    prompt: shot.prompt === '' ? source : shot.prompt,
    footage: {
      source,
      words: footageWords(shot, output),
      ...(join?.kind === 'seine' ? { first: end('first', join.known) } : {}),
      ...(next?.kind === 'seine' || next?.kind === 'continue' ? { last: end('last', next.known) } : {}),
    },
    ...planSegments(sourceOfFootage(shot, place), span, output, clips),
  };
}

/** Plans a shot whose clip models make. */
export function planMadeShot(shot: Shot, { index, script, clips, before, focus, span }: ShotPlace): MadeShot {
  const continued = shot.join?.kind === 'continue' ? before : undefined;
  const pictures = planPictures(shot, index, clips, { output: script.output, focus });
  const subject = subjectOf(shot, script.subjects);
  const { base, earlier } = planClip(shot, { continued, pictures, subject, fps: script.output.fps }, clips);
  const joinAfter = script.shots[index + 1]?.join ?? null;
  const { cut } = span;
  const dissolves = isMixing(shot.join) || isMixing(joinAfter);
  const enhance = planEnhance(shot, base.params, index, clips);
  const interp = planInterp(base, shot, clips);
  const between = makesBetween(enhance);
  const source = sourceOfMade({ base, interp }, { enhance, focus, clips });
  return {
    kind: 'shot',
    id: shot.id,
    index,
    prompt: shot.prompts?.map(({ prompt }) => prompt).join(' → ') ?? shot.prompt,
    ...(continued === undefined ? {} : { continues: continued.id }),
    ...(pictures.length === 0 ? {} : { pictures }),
    ...(subject === null ? {} : { subject: subject.name }),
    base,
    ...(earlier.length === 0 ? {} : { earlier }),
    interp,
    ...(cut === undefined ? {} : { cut }),
    // A dissolve mixes interpolated frames, whatever the shot shows itself.
    ...(between && !dissolves ? { skipsInterp: true } : {}),
    ...planSegments(source, span, script.output, clips),
  };
}
