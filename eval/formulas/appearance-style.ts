/**
 * Appearance style: how much the frames look like the style that was asked for (`oil painting`).
 *
 * VBench, arXiv:2311.17982, §4.2; Vchitect/VBench @45e79ec, `vbench/appearance_style.py`. Published: CLIP ViT-B/32.
 *
 *   l_i   image-text logit of frame i: 100 cos(image, text);   S = mean of l_i / 100
 *
 * Frames pool, not videos. Where we differ: on several GPUs the reference averages only the last frame of each video; one
 * process averages all, and so do we.
 */
import { type VideoScore, meanOf } from './video-score.ts';

/** Appearance style of a video from the logits of its frames; `null` without frames. */
export function appearanceStyle(logits: readonly number[]): VideoScore | null {
  const mean = meanOf(logits);
  return mean === null ? null : { score: mean / 100, weight: logits.length };
}
