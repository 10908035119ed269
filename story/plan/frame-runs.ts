import type { FrameRun } from './segments.ts';
import type { Join } from '../script/script.ts';

/**
 * Which frames of which clip the film shows. Invariants, proven in the tests:
 * 1. Every film frame comes from exactly one clip.
 * 2. A frame that a seine join or a continued shot shares with a neighbour is shown once, as the neighbour made it; a
 *    continued shot's known frames as the shot before made them.
 * 3. Runs are never empty.
 */

/**
 * Length of a dissolve in frames. It **replaces** the last 12 frames of the shot before and the first 12 of the shot
 * after, so the film is 12 frames shorter than with a cut. Half a second at 24 fps; two of them leave a 61 frame shot 37.
 */
export const dissolveFrames = 12;

/** Frames of an interpolated clip: three between each two keys, so 16 latents give 61 frames. */
export function interpolatedFrames(numKeys: number): number {
  return 4 * (numKeys - 1) + 1;
}

/**
 * The frames that a shot of `numFrames` shows itself, between the joins on its two sides. A shot that continues the one
 * before with `known` keys has shown its first `4·(known−1)+1` frames there.
 */
export function shotRun(numFrames: number, joinBefore: Join | null, joinAfter: Join | null): FrameRun {
  const dissolved = (join: Join | null): number => (join?.kind === 'dissolve' ? dissolveFrames : 0);
  const from = joinBefore?.kind === 'continue' ? interpolatedFrames(joinBefore.known) : dissolved(joinBefore);
  return { from, count: numFrames - from - dissolved(joinAfter) };
}

/**
 * The frames that a join shows itself, of a clip of `numFrames` (not used for a dissolve, whose clip has only its own).
 * A seine clip begins with the shot before's last `known` keys and ends with the shot after's first `known`: with the
 * frames interpolated between them, `4·(known−1)+1` frames at each end are the neighbours' own. `known` 1 leaves 1…59 of
 * 61.
 */
export function joinRun(join: Join, numFrames: number): FrameRun {
  if (join.kind === 'cut' || join.kind === 'continue') return { from: 0, count: 0 };
  if (join.kind === 'dissolve') return { from: 0, count: dissolveFrames };
  const numShared = interpolatedFrames(join.known);
  return { from: numShared, count: numFrames - 2 * numShared };
}
