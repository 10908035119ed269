import { interpolatedFrames } from './frame-runs.ts';
import type { ScriptProblem } from '../script/read-script.ts';
import { scriptDefaults, scriptLimits } from '../script/script-limits.ts';
import type { Shot, StoryScript } from '../script/script.ts';
import type { DenoiseParams } from './task.ts';

/**
 * How long a shot is, and how it is made when that is longer than one clip of its model. Lengths count base frames (keys),
 * of which a film shows four for each but the last.
 */

/** Frames from one of FreeNoise's windows to the next, for windows of 16. */
const freeNoiseStride = 4;

/**
 * Base frames of a shot: as many as its seconds need, so that it ends with a key frame at or after them; without seconds one
 * clip of `numKeys` frames for each prompt.
 */
export function keysOfShot({ seconds, prompts }: Shot, fps: number, numKeys: number): number {
  if (seconds === undefined) return numKeys * (prompts?.length ?? 1);
  // Half a frame more or less is a matter of rounding: 2.54 seconds at 24 per second are 61 frames.
  const frames = Math.max(1, Math.round(seconds * fps));
  return Math.ceil((frames - 1) / 4) + 1;
}

/** FreeNoise for a shot that is longer than one clip, unless it says no. */
export function freeNoiseOf({ freenoise }: Shot, frames: number, numKeys: number): Pick<DenoiseParams, 'freenoise'> {
  if (frames <= numKeys || freenoise === false) return {};
  const weights = freenoise?.weights ?? scriptDefaults.freenoiseWeights;
  return { freenoise: { length: numKeys, stride: Math.min(freeNoiseStride, numKeys), weights } };
}

/** Shots whose length cannot be made with clips of `numKeys` base frames. */
export function lengthProblems(script: StoryScript, numKeys: number): ScriptProblem[] {
  const { fps } = script.output;
  const shortest = Math.ceil((100 * interpolatedFrames(numKeys)) / fps) / 100;
  return script.shots.flatMap((shot, index) => {
    const path = `shots[${index}]`;
    const frames = keysOfShot(shot, fps, numKeys);
    const problem = (key: string, finding: string): ScriptProblem[] => [
      { path: `${path}.${key}`, line: null, message: `${path}.${key} ${finding}` },
    ];
    if (frames < numKeys) {
      const found = `is ${shot.seconds ?? 0}, which takes ${frames} base frames at ${fps} frames per second`;
      return problem(
        'seconds',
        `${found}; a clip has ${numKeys}; make it at least ${shortest} seconds, or take it out`,
      );
    }
    if (frames > scriptLimits.maxBaseFrames) {
      const longest = Math.floor((100 * interpolatedFrames(scriptLimits.maxBaseFrames)) / fps) / 100;
      const found = `${shot.seconds === undefined ? 'takes' : `is ${shot.seconds}, which takes`} ${frames} base frames at ${fps} frames per second`;
      const rule = `a shot has at most ${scriptLimits.maxBaseFrames}; make it at most ${longest} seconds, or two shots`;
      return problem(shot.seconds === undefined ? 'prompts' : 'seconds', `${found}; ${rule}`);
    }
    if (typeof shot.freenoise === 'object' && frames <= numKeys) {
      const rule = `FreeNoise joins windows of ${numKeys}, so it needs ${numKeys + 1} or more; give the shot more than ${shortest} seconds, or take freenoise out`;
      return problem('freenoise', `is on for a shot of ${frames} base frames; ${rule}`);
    }
    return [];
  });
}
