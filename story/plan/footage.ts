import { PipelineError } from '../../errors/pipeline-error.ts';
import { framesIn } from '../script/film-frames.ts';
import { takenFrames } from '../script/join-length.ts';
import { rateText } from '../script/frame-rate.ts';
import type { Size } from '../script/output-size.ts';
import type { FoundClip, Join, OutputSettings, Shot } from '../script/script.ts';
import { planProblem } from '../script/plan-problem.ts';
import type { ScriptProblem } from '../script/read-script.ts';
import { clipRate, frameAt, framesWithin, tempoOfClip } from './frame-runs.ts';
import type { ShotSpan } from './frame-runs.ts';
import { hasShape } from './framing.ts';
import { segmentFrames } from './segments.ts';
import type { ArtifactName, FootageParts } from './task.ts';

/** Clips of one's own in the plan: which of their frames a film shows, which parts of them a task reads, and what cannot be. */

/** What was read of a shot's clip. @throws PipelineError `INTERNAL` when that was not done before planning. */
export function foundOf({ clip }: Pick<Shot, 'clip'>): FoundClip {
  if (clip?.found != null) return clip.found;
  throw new PipelineError('INTERNAL', `clip ${clip?.source ?? ''} was not read; read the clips before planning`);
}

/** What {@link footageSpan} needs to know of a shot. */
export interface FootageSpanOptions {
  /** Film frames that it lasts; `null`: to the end of its clip. */
  readonly wanted: number | null;
  readonly joinBefore: Join | null;
  readonly joinAfter: Join | null;
  readonly fps: number;
}

/**
 * What a shot shows of a clip of one's own: the frame that lies nearest to each film frame in time. A faster clip loses frames, a slower
 * one holds them. Joins that mix take their frames from it; those that go on from it or lead to it take none.
 */
export function footageSpan(shot: Shot, { wanted, joinBefore, joinAfter, fps }: FootageSpanOptions): ShotSpan {
  const { frames, rate } = foundOf(shot);
  const tempo = tempoOfClip(rate, fps, shot.speed ?? 1);
  const follows = { origin: 0, first: Math.round((shot.from ?? 0) * fps), ...tempo };
  const own = framesWithin(tempo, follows.first, frames - 1);
  const numFrames = wanted === null ? own : Math.min(own, wanted);
  const before = takenFrames(joinBefore, fps).after;
  const count = Math.max(0, numFrames - before - takenFrames(joinAfter, fps).before);
  return {
    ...(tempo.num === tempo.den
      ? { run: { from: follows.first + before, count } }
      : { run: { from: before, count }, pace: { ...follows, frames: Math.max(1, numFrames) } }),
    keys: Math.floor(Math.max(0, numFrames - 1) / keyStep(fps)) + 1,
    follows,
    numFrames,
  };
}

/** Film frames from one key frame to the next. */
function keyStep(fps: number): number {
  return (4 * fps) / clipRate;
}

/** Frames of the clip that lie as key frames do, `known` of them, up to its last frame that is shown or from the first. */
export function keysOfEnd(
  { follows, numFrames }: ShotSpan,
  end: 'first' | 'last',
  known: number,
  fps: number,
): number[] {
  return Array.from({ length: known }, (_, index) => {
    const behind = Math.round((end === 'first' ? index : known - 1 - index) * keyStep(fps));
    return frameAt(follows, end === 'first' ? behind : numFrames - 1 - behind);
  });
}

/** The parts that have frames `from … to` of a clip, as far as it has them, and the names of their uploads. */
export function partsWith(
  { frames, partFrames, parts }: FoundClip,
  from: number,
  to: number,
): { readonly footage: FootageParts; readonly inputs: readonly ArtifactName[] } {
  const partOf = (frame: number): number => Math.floor(Math.min(frames - 1, Math.max(0, frame)) / partFrames);
  const first = partOf(from);
  const keys = parts.slice(first, partOf(to) + 1);
  return {
    footage: { first: first * partFrames, length: partFrames, frames, keys },
    inputs: keys.map((key) => ({ stage: 'footage', key })),
  };
}

/** Segments of a shot that one workflow can look after; the segments of longer shots are longer. */
const mostSegments = 480;

/** Frames of a segment of a run so long: what a kill wastes grows with the shot, and stays a small part of it. */
export function segmentLength(frames: number): number {
  return segmentFrames * Math.max(1, Math.ceil(frames / (segmentFrames * mostSegments)));
}

/** Whether the part of a clip that a film shows has the film's size already. */
export function fillsFilm(clip: Size, output: OutputSettings): boolean {
  if (hasShape(clip, output)) return clip.width === output.width && clip.height === output.height;
  const wide = clip.width * output.height > clip.height * output.width;
  const byWidth = wide === (output.fit === 'pad');
  return byWidth ? clip.width === output.width : clip.height === output.height;
}

/** What a clip was, and how it is brought to the film. */
export function footageWords(shot: Shot, { fps, ...output }: OutputSettings): string {
  const found = foundOf(shot);
  const { num, den } = found.rate;
  const tempo = tempoOfClip(found.rate, fps, shot.speed ?? 1);
  const rate = `${rateText(num / den)} to ${rateText(fps)} fps`;
  const speed = shot.speed === undefined ? '' : ` at speed ${shot.speed}`;
  const pace =
    tempo.num === tempo.den
      ? 'frame by frame'
      : tempo.num > tempo.den
        ? `${rate}${speed}: drops frames`
        : `${rate}${speed}: holds frames`;
  const shape = hasShape(found, output) ? [] : [output.fit === 'pad' ? 'with bars' : 'cropped'];
  const size = fillsFilm(found, { fps, ...output }) ? [] : [`enlarged from ${found.width}x${found.height}`];
  return [found.was, pace, ...shape, ...size].join(', ');
}

/** What a shot asks of its clip that this has not. */
export function footageProblems(shot: Shot, index: number, fps: number): ScriptProblem[] {
  const { source } = shot.clip ?? { source: '' };
  const found = foundOf(shot);
  const problem = (key: string, finding: string): ScriptProblem[] => [planProblem(`shots[${index}].${key}`, finding)];
  if (shot.enhance !== undefined && shot.enhance.time > 1) {
    const rule = 'the frames between key frames are there in a clip of your own; take time out';
    return problem('enhance.time', `is ${shot.enhance.time}; ${rule}`);
  }
  if (found.sound !== undefined && shot.speed !== undefined) {
    return problem(
      'speed',
      `is ${shot.speed}, and the sound of the clip cannot follow; say mute: true, or take speed out`,
    );
  }
  const span = footageSpan(shot, { wanted: null, joinBefore: null, joinAfter: null, fps });
  const whole = framesWithin(span.follows, 0, found.frames - 1);
  const seconds = Math.floor((100 * whole) / fps) / 100;
  if (span.numFrames < 1) {
    return problem('from', `is ${shot.from ?? 0}; ${source} has ${seconds} seconds; begin earlier`);
  }
  const asked = shot.seconds === undefined ? 0 : framesIn(shot.seconds, fps);
  if (asked <= span.numFrames) return [];
  const end = Math.round(100 * ((shot.from ?? 0) + (shot.seconds ?? 0))) / 100;
  const left = Math.floor((100 * span.numFrames) / fps) / 100;
  const shown = `asks for ${source} up to second ${end}, and it ends at ${seconds}`;
  return problem('seconds', `${shown}; show at most ${left} seconds of it`);
}
