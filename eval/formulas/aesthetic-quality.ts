/**
 * Aesthetic quality: a linear head on normalised image features, trained on what people found beautiful, 0 … 10.
 *
 * VBench, arXiv:2311.17982, §4.1; Vchitect/VBench @45e79ec, `vbench/aesthetic_quality.py`. Published: CLIP ViT-L/14 and the
 * LAION head `sa_0_4_vit_l_14_linear`.
 *
 *   S = mean over frames of (w · f / ‖f‖ + b) / 10
 */
import type { Feature } from './cosine.ts';
import { type VideoScore, meanOf } from './video-score.ts';

/** A linear head: one weight per feature. */
export interface LinearHead {
  readonly weight: Feature;
  readonly bias: number;
}

/** What the head says of one frame, 0 … 10. */
export function aestheticScore(feature: Feature, { weight, bias }: LinearHead): number {
  let squares = 0;
  let dot = 0;
  for (let index = 0; index < feature.length; index++) {
    const value = feature[index] ?? 0;
    squares += value * value;
    dot += value * (weight[index] ?? 0);
  }
  return (squares === 0 ? 0 : dot / Math.sqrt(squares)) + bias;
}

/** Aesthetic quality of a video from the scores of its frames, 0 … 10 each; `null` without frames. */
export function aestheticQuality(scores: readonly number[]): VideoScore | null {
  const mean = meanOf(scores);
  return mean === null ? null : { score: mean / 10, weight: 1 };
}
