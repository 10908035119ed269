/**
 * Motion smoothness: how well a frame interpolator predicts every second frame from its neighbours.
 *
 * VBench, arXiv:2311.17982, §4.1; Vchitect/VBench @45e79ec, `vbench/motion_smoothness.py`.
 *
 *   x_1, x_3, …   odd frames of the video;  y_1, y_3, …  the same, interpolated from the even ones (published: AMT-S)
 *   S = (255 − mean |x_i − y_i|) / 255
 *
 * A video of even length has no neighbour after its last frame, which is not used.
 */
import { type Bytes, meanAbsoluteDifference } from './mean-absolute-difference.ts';
import { type VideoScore, meanOf } from './video-score.ts';

/** The triples to interpolate: indices of a frame that is taken out and of its two neighbours. */
export function smoothnessTriples(
  numFrames: number,
): readonly { readonly before: number; readonly middle: number; readonly after: number }[] {
  const count = Math.max(0, Math.ceil(numFrames / 2) - 1);
  return Array.from({ length: count }, (_, index) => ({
    before: 2 * index,
    middle: 2 * index + 1,
    after: 2 * index + 2,
  }));
}

/**
 * Smoothness of a video.
 *
 * @param frames - All frames, bytes.
 * @param interpolated - One frame for each of `smoothnessTriples`, in that order.
 * @returns `null` for fewer than three frames.
 */
export function motionSmoothness(frames: readonly Bytes[], interpolated: readonly Bytes[]): VideoScore | null {
  const errors = smoothnessTriples(frames.length).flatMap(({ middle }, index) => {
    const real = frames[middle];
    const made = interpolated[index];
    return real === undefined || made === undefined ? [] : [meanAbsoluteDifference(real, made)];
  });
  const mean = meanOf(errors);
  return mean === null ? null : { score: (255 - mean) / 255, weight: 1 };
}
