/**
 * Imaging quality: how free of distortion (noise, blur, wrong exposure) the frames are.
 *
 * VBench, arXiv:2311.17982, §4.1; Vchitect/VBench @45e79ec, `vbench/imaging_quality.py`. Published: MUSIQ trained on SPAQ,
 * 0 … 100 per frame; a frame whose longer side is over 512 is made smaller first, without antialiasing.
 *
 *   S = mean over frames of q_i / 100
 */
import { type VideoScore, meanOf } from './video-score.ts';

/** Longer side that a frame may have, pixels. */
const longest = 512;

/** The size at which a frame is judged, pixels. */
export function imagingSize(size: { readonly width: number; readonly height: number }): {
  readonly width: number;
  readonly height: number;
} {
  const longer = Math.max(size.width, size.height);
  if (longer <= longest) return size;
  const scale = longest / longer;
  return { width: Math.trunc(scale * size.width), height: Math.trunc(scale * size.height) };
}

/** Imaging quality of a video from the scores of its frames, 0 … 100 each; `null` without frames. */
export function imagingQuality(scores: readonly number[]): VideoScore | null {
  const mean = meanOf(scores);
  return mean === null ? null : { score: mean / 100, weight: 1 };
}
