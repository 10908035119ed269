import { framesIn } from '../script/film-frames.ts';
import { takenFrames } from '../script/join-length.ts';
import { rateOf } from '../script/frame-rate.ts';
import type { FrameRun } from './segments.ts';
import type { ShotCut } from './plan.ts';
import type { Pace } from './task.ts';
import type { Join } from '../script/script.ts';

/**
 * Which frames of which clip the film shows. Invariants:
 * Q1 Every film frame comes from exactly one clip.
 * Q2 A frame that a seine join or a continued shot shares with a neighbour is shown once, as the neighbour made it; a
 *    continued shot's known frames as the shot before made them.
 * Q3 Runs are never empty.
 * Q4 A film is as long as its shots and joins ask for: what a shot ends with behind its last key, the next item shows.
 */

/** Frames of an interpolated clip: three between each two keys, so 16 latents give 61 frames. */
export function interpolatedFrames(numKeys: number): number {
  return 4 * (numKeys - 1) + 1;
}

/**
 * Frames per second of an interpolated clip: at this rate things move as the models learned. A film of another rate shows other
 * frames of it, or some of them twice: its rate changes how smooth it is, and not how fast.
 */
export const clipRate = 24;

/** Film frames to clip frames: clip frame = film frame · num / den. */
export interface Tempo {
  readonly num: number;
  readonly den: number;
}

/** The tempo of a film of `fps` frames per second, whose shot plays `speed` times as fast as its clip. */
export function tempoOf(fps: number, speed = 1): Tempo {
  const rate = rateOf(fps);
  return inLowestTerms(Math.round(clipRate * speed * 100) * rate.den, rate.num * 100);
}

/** The tempo of a film of `fps` frames per second, whose shot plays a clip of another rate `speed` times as fast. */
export function tempoOfClip(clip: Tempo, fps: number, speed = 1): Tempo {
  const rate = rateOf(fps);
  const { num, den } = inLowestTerms(clip.num, clip.den);
  return inLowestTerms(num * Math.round(speed * 100) * rate.den, den * 100 * rate.num);
}

function inLowestTerms(num: number, den: number): Tempo {
  const common = greatestDivisor(num, den);
  return { num: num / common, den: den / common };
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** How many film frames, from the one with index `first`, lie at most `reach` clip frames behind the one with index 0. */
export function framesWithin({ num, den }: Tempo, first: number, reach: number): number {
  // round(k · num / den) ≤ reach
  return Math.max(0, Math.ceil(((reach + 0.5) * den) / num) - first);
}

/** Frame of the clip that a run of frames shows at `index`. */
export function frameAt({ origin, first, num, den }: Omit<Pace, 'frames'>, index: number): number {
  return origin + Math.round(((first + index) * num) / den);
}

/** A run of film frames, and of which frames of a clip they are. */
export interface FilmSpan {
  readonly run: FrameRun;
  /** How the run follows the clip; absent: frame by frame. */
  readonly pace?: Pace;
}

/** Which frames of a shot's clip a film could show: `pace` over all of them, and how many there are. */
interface ShotFrames extends Tempo {
  readonly origin: number;
  readonly first: number;
}

/** What a shot shows of its clip. */
export interface ShotSpan extends FilmSpan {
  /** Keys of its clip that count. */
  readonly keys: number;
  /** Absent when the whole clip counts. */
  readonly cut?: ShotCut;
  /** How film frames follow the clip, from the first that is the shot's own. */
  readonly follows: ShotFrames;
  /** Film frames of the shot, with those that joins take of it. */
  readonly numFrames: number;
}

/** What {@link shotSpan} needs to know of a shot. */
export interface SpannedShot {
  /** Frames of its clip. */
  readonly clipFrames: number;
  /** Film frames that it lasts; `null`: all of its clip. */
  readonly wanted: number | null;
  readonly joinBefore: Join | null;
  readonly joinAfter: Join | null;
  readonly fps: number;
  readonly speed: number;
  /** Film frames at the beginning of its clip that it leaves out. */
  readonly skipped: number;
  /** Film frames that the shot before lends to one that continues it. */
  readonly lent: number;
}

/**
 * What a shot shows. One that continues the one before with `known` keys has shown its first `4·(known−1)+1` frames there. A
 * dissolve takes its frames from both of its neighbours.
 */
export function shotSpan({
  clipFrames,
  wanted,
  joinBefore,
  joinAfter,
  fps,
  speed,
  skipped,
  lent,
}: SpannedShot): ShotSpan {
  const tempo = tempoOf(fps, speed);
  const untrimmed = ownFrames(joinBefore, tempo);
  const follows = { ...untrimmed, first: untrimmed.first + skipped };
  const { origin, first } = follows;
  const own = framesWithin(tempo, first, clipFrames - 1 - origin);
  const numFrames = wanted === null ? own : Math.min(own, wanted + lent);
  const last = frameAt(follows, numFrames - 1);
  const keys = wanted === null ? keysIn(clipFrames) : keysIn(last + 1);
  const fromKey = joinAfter?.kind === 'seine' || joinAfter?.kind === 'continue';
  const end = fromKey ? Math.min(numFrames, framesWithin(tempo, first, 4 * (keys - 1) - origin)) : numFrames;
  const before = takenFrames(joinBefore, fps).after;
  const count = end - before - takenFrames(joinAfter, fps).before;
  const isPlain = tempo.num === tempo.den;
  return {
    ...(isPlain
      ? { run: { from: origin + first + before, count } }
      : { run: { from: before, count }, pace: { ...follows, frames: numFrames } }),
    keys,
    follows,
    numFrames,
    ...(wanted === null || last === clipFrames - 1 ? {} : { cut: { frames: last + 1, keys, lent: numFrames - end } }),
  };
}

/** The film frames of a shot before it is known how many it shows: from frame 0, or behind those of the shot that it continues. */
export function ownFrames(joinBefore: Join | null, tempo: Tempo): ShotFrames {
  return joinBefore?.kind === 'continue'
    ? { origin: interpolatedFrames(joinBefore.known) - 1, first: 1, ...tempo }
    : { origin: 0, first: 0, ...tempo };
}

/** Keys among so many frames. */
function keysIn(frames: number): number {
  return Math.floor((frames - 1) / 4) + 1;
}

/**
 * The frames that a seine join shows, of a clip of `clipFrames`. The clip begins with the shot before's last `known` keys and
 * ends with the shot after's first `known`: with the frames interpolated between them, `4·(known−1)+1` frames at each end are
 * the neighbours' own. `known` 1 leaves 1…59 of 61. A join shows as many frames as its `seconds` come to, evenly spread over
 * these, and those that the shot before has `lent`.
 */
export function seineSpan(join: Join & { kind: 'seine' }, clipFrames: number, fps: number, lent: number): FilmSpan {
  const origin = interpolatedFrames(join.known) - 1;
  const reach = clipFrames - 1 - 2 * origin;
  const natural = mostSeineFrames(join.known, clipFrames, fps);
  const count = Math.min(natural, framesIn(join.seconds, fps) + lent);
  if (count === reach - 1) return { run: { from: origin + 1, count } };
  return { run: { from: 0, count }, pace: { origin, first: 1, num: reach, den: count + 1, frames: count } };
}

/** The most film frames that a seine join can show of a clip of `clipFrames`: at the speed of the clip. */
export function mostSeineFrames(known: number, clipFrames: number, fps: number): number {
  return framesWithin(tempoOf(fps), 1, clipFrames - 2 * interpolatedFrames(known));
}
