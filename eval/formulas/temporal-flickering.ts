/**
 * Temporal flickering: how little the pixels of a static scene change from frame to frame. 1 is a still picture.
 *
 * VBench, arXiv:2311.17982, §4.1; Vchitect/VBench @45e79ec, `vbench/temporal_flickering.py`.
 *
 *   S = (255 − mean over adjacent frames of mean |x_i − x_i+1|) / 255
 *
 * It says something only of videos that are meant to stand still: VBench first drops those that move (`static-filter.ts`).
 */
import { type Bytes, meanAbsoluteDifference } from './mean-absolute-difference.ts';
import { type VideoScore, meanOf } from './video-score.ts';

/** Flickering of a video from its frames, bytes, in order; `null` for fewer than two frames. */
export function temporalFlickering(frames: readonly Bytes[]): VideoScore | null {
  const changes = frames.slice(1).map((frame, index) => meanAbsoluteDifference(frames[index] ?? frame, frame));
  const mean = meanOf(changes);
  return mean === null ? null : { score: (255 - mean) / 255, weight: 1 };
}
