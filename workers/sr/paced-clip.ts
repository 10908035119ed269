import { pickFrames, type ReadableClip } from '../../media/frame-file.ts';
import { frameAt } from '../../story/plan/frame-runs.ts';
import type { Pace } from '../../story/plan/task.ts';

/** A run of frames that follows a clip at another pace, as a clip of its own. */
export function pacedClip(clip: ReadableClip, pace: Pace): ReadableClip {
  const { width, height } = clip;
  return {
    numFrames: pace.frames,
    width,
    height,
    read: (from, count) =>
      pickFrames(
        clip,
        Array.from({ length: count }, (_, index) => frameAt(pace, from + index)),
      ),
  };
}
