import {
  frameAt,
  framesWithin,
  interpolatedFrames,
  mostSeineFrames,
  ownFrames,
  shotSpan,
  tempoOf,
} from './frame-runs.ts';
import type { ShotSpan } from './frame-runs.ts';
import { footageProblems, footageSpan } from './footage.ts';
import { framesIn } from '../script/film-frames.ts';
import { takenFrames } from '../script/join-length.ts';
import { planProblem } from '../script/plan-problem.ts';
import type { ScriptProblem } from '../script/read-script.ts';
import { scriptDefaults, scriptLimits } from '../script/script-limits.ts';
import type { Join, Shot, StoryScript } from '../script/script.ts';
import type { DenoiseParams } from './task.ts';

/**
 * How long a shot is, and how it is made when that is longer than one clip of its model. Lengths count base frames (keys),
 * of which a film shows four for each but the last.
 */

/** Frames from one of FreeNoise's windows to the next, for windows of 16. */
const freeNoiseStride = 4;

/**
 * Base frames of a shot: as many as its seconds need, and at least one clip of `numKeys`, of which it shows the beginning.
 * Without seconds one clip for each prompt.
 */
export function keysOfShot({ seconds, from, speed, prompts }: Shot, fps: number, numKeys: number): number {
  if (seconds === undefined) return numKeys * (prompts?.length ?? 1);
  const last = frameAt(
    { origin: 0, first: 0, ...tempoOf(fps, speed) },
    skippedFrames(from, fps) + framesIn(seconds, fps) - 1,
  );
  return Math.max(numKeys, Math.ceil(last / 4) + 1);
}

/** Film frames at the beginning of a clip that a shot leaves out. */
function skippedFrames(from: number | undefined, fps: number): number {
  return Math.round((from ?? 0) * fps);
}

/** FreeNoise for a shot that is longer than one clip, unless it says no. */
export function freeNoiseOf({ freenoise }: Shot, frames: number, numKeys: number): Pick<DenoiseParams, 'freenoise'> {
  if (frames <= numKeys || freenoise === false) return {};
  const { weights = scriptDefaults.freenoiseWeights, noise = 'shuffle', window, stride } = freenoise ?? {};
  const length = Math.min(window ?? numKeys, frames);
  return {
    freenoise: {
      length,
      stride: Math.min(stride ?? freeNoiseStride, length),
      weights,
      ...(noise === 'shuffle' ? {} : { noise }),
    },
  };
}

/** Shots and joins whose length cannot be made with clips of `numKeys` base frames. */
export function lengthProblems(script: StoryScript, numKeys: number): ScriptProblem[] {
  const { fps } = script.output;
  const spans = spansOf(script, numKeys);
  const clipFrames = interpolatedFrames(numKeys);
  return script.shots.flatMap((shot, index) => {
    if (shot.clip !== undefined) return footageLengthProblems(shot, index, script, spans, clipFrames);
    const frames = keysOfShot(shot, fps, numKeys);
    const problem: ProblemOf = (key, finding) => planProblem(`shots[${index}].${key}`, finding);
    if (frames > scriptLimits.maxBaseFrames) {
      const reach = interpolatedFrames(scriptLimits.maxBaseFrames) - 1;
      const longest = secondsIn(framesWithin(tempoOf(fps, shot.speed), 0, reach), fps);
      const found = `${shot.seconds === undefined ? 'takes' : `is ${shot.seconds}, which takes`} ${frames} base frames at ${fps} frames per second`;
      const rule = `a shot has at most ${scriptLimits.maxBaseFrames}; make it at most ${longest} seconds, or two shots`;
      return [problem(shot.seconds === undefined ? 'prompts' : 'seconds', `${found}; ${rule}`)];
    }
    if (typeof shot.freenoise === 'object' && frames <= numKeys) {
      const most = framesWithin(tempoOf(fps, shot.speed), 0, clipFrames - 1);
      const rule = `FreeNoise joins windows of ${numKeys}, so it needs ${numKeys + 1} or more; give the shot more than ${secondsAbove(most, fps)} seconds, or take freenoise out`;
      return [problem('freenoise', `is on for a shot of ${frames} base frames; ${rule}`)];
    }
    const [before, span] = [spans[index - 1], spans[index]];
    const lent = before?.cut?.lent ?? 0;
    const tooLong = givenProblems(shot, lent, { clipFrames, fps }, problem);
    if (tooLong.length > 0 || span === undefined) return tooLong;
    return [
      ...joinProblems(shot, before, { clipFrames, fps }, problem),
      ...dissolveProblems(span, shot, script.shots[index + 1]?.join ?? null, fps, problem),
      // Frames that no clip has are found when the pictures are planned.
      ...(shot.seconds === undefined ? [] : lateProblems(span, shot, problem)),
    ];
  });
}

/**
 * What each shot of a story shows of its clip.
 *
 * @param numKeys Base frames of one clip of the model.
 */
export function spansOf(
  { shots, output }: Pick<StoryScript, 'shots' | 'output'>,
  numKeys: number,
): readonly ShotSpan[] {
  const { fps } = output;
  const spans: ShotSpan[] = [];
  for (const [index, shot] of shots.entries()) {
    const joinAfter = shots[index + 1]?.join ?? null;
    const wanted = shot.seconds === undefined ? null : framesIn(shot.seconds, fps);
    if (shot.clip !== undefined) {
      spans.push(footageSpan(shot, { wanted, joinBefore: shot.join, joinAfter, fps }));
      continue;
    }
    spans.push(
      shotSpan({
        clipFrames: interpolatedFrames(isGiven(shot) ? numKeys : keysOfShot(shot, fps, numKeys)),
        wanted,
        joinBefore: shot.join,
        joinAfter,
        fps,
        speed: shot.speed ?? 1,
        skipped: skippedFrames(shot.from, fps),
        lent: shot.join?.kind === 'continue' ? (spans[index - 1]?.cut?.lent ?? 0) : 0,
      }),
    );
  }
  return spans;
}

/** A clip of one's own that is too short for what is asked of it. */
function footageLengthProblems(
  shot: Shot,
  index: number,
  { shots, output: { fps } }: StoryScript,
  spans: readonly ShotSpan[],
  clipFrames: number,
): ScriptProblem[] {
  const own = footageProblems(shot, index, fps);
  const span = spans[index];
  if (own.length > 0 || span === undefined) return own;
  const problem: ProblemOf = (key, finding) => planProblem(`shots[${index}].${key}`, finding);
  const { join } = shot;
  const tooFew =
    join?.kind === 'seine' && join.known > span.keys
      ? [
          problem(
            'join.known',
            `is ${join.known}, and the clip is so short that it has ${span.keys} key frames; make known at most that`,
          ),
        ]
      : [];
  return [
    ...tooFew,
    ...joinProblems(shot, spans[index - 1], { clipFrames, fps }, problem),
    ...dissolveProblems(span, shot, shots[index + 1]?.join ?? null, fps, problem),
  ];
}

/** Whether frames of a shot are given before it is made. Such a shot is one clip of the model. */
function isGiven({ join, pictures }: Shot): boolean {
  return join?.kind === 'continue' || pictures !== undefined;
}

/** A problem of a key of the shot that is looked at. */
type ProblemOf = (key: string, finding: string) => ScriptProblem;

interface ClipLength {
  readonly clipFrames: number;
  readonly fps: number;
}

/** A shot with given frames that shall be longer than the one clip that it is. */
function givenProblems(shot: Shot, lent: number, { clipFrames, fps }: ClipLength, problem: ProblemOf): ScriptProblem[] {
  const { seconds, join } = shot;
  if (seconds === undefined || !isGiven(shot)) return [];
  const asked = framesIn(seconds, fps);
  const tempo = tempoOf(fps, shot.speed);
  const { origin, first } = ownFrames(join, tempo);
  const most =
    framesWithin(tempo, first + skippedFrames(shot.from, fps), clipFrames - 1 - origin) -
    (join?.kind === 'continue' ? lent : 0);
  if (asked <= most) return [];
  const found = `is ${seconds}, which is ${asked} frames; a shot with continue, animate or keyframes is made in one clip, of which it has ${most} for itself`;
  return [problem('seconds', `${found}; make it at most ${secondsIn(most, fps)} seconds`)];
}

/** A join that needs more than its neighbours or its own clip have. */
function joinProblems(
  { join }: Shot,
  before: ShotSpan | undefined,
  { clipFrames, fps }: ClipLength,
  problem: ProblemOf,
): ScriptProblem[] {
  if (before === undefined || (join?.kind !== 'seine' && join?.kind !== 'continue')) return [];
  if (join.known > before.keys) {
    const found = `is ${join.known}, and the shot before is so short that it has ${before.keys} key frames`;
    const key = join.kind === 'seine' ? 'join.known' : 'continue.known';
    return [problem(key, `${found}; make that shot longer, or known at most ${before.keys}`)];
  }
  if (join.kind === 'continue') return [];
  const [asked, most] = [
    framesIn(join.seconds, fps),
    mostSeineFrames(join.known, clipFrames, fps) - (before.cut?.lent ?? 0),
  ];
  if (asked <= most) return [];
  const found = `is ${join.seconds}, which is ${asked} frames; a transition of this model set has ${most} here`;
  return [problem('join.seconds', `${found}; make it at most ${secondsIn(most, fps)} seconds`)];
}

/** A shot of which its joins leave nothing. */
function dissolveProblems(
  { run, numFrames }: ShotSpan,
  shot: Shot,
  next: Join | null,
  fps: number,
  problem: ProblemOf,
): ScriptProblem[] {
  if (run.count > 0) return [];
  const taken = takenFrames(shot.join, fps).after + takenFrames(next, fps).before;
  const found = `${shot.seconds === undefined ? 'is not said, which is' : `is ${shot.seconds}, which is`} ${numFrames} frames; the joins on its sides take ${taken}`;
  // A join that goes on from a key leaves up to three frames to it.
  const needed = taken + 1 + (next?.kind === 'seine' || next?.kind === 'continue' ? 3 : 0);
  const longer = isGiven(shot) ? '' : `, or the shot ${secondsAbove(needed, fps)} seconds long`;
  return [problem('seconds', `${found}; make them shorter${longer}`)];
}

/** Pictures of a shot that come behind its end. */
function lateProblems({ keys }: ShotSpan, { pictures = [] }: Shot, problem: ProblemOf): ScriptProblem[] {
  return pictures
    .filter(({ frame }) => frame >= keys)
    .map(({ frame, picture }) =>
      problem(
        `keyframes.${frame}`,
        `is ${JSON.stringify(picture.source)}, and the shot ends with key frame ${keys - 1}; make it longer, or choose an earlier frame`,
      ),
    );
}

/** Seconds of so many frames, hundredths, not under them. */
function secondsAbove(frames: number, fps: number): number {
  return Math.ceil((100 * frames) / fps) / 100;
}

/** Seconds of so many frames, hundredths, not above them. */
function secondsIn(frames: number, fps: number): number {
  return Math.floor((100 * frames) / fps) / 100;
}
