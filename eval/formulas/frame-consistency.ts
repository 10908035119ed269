/**
 * Subject consistency and background consistency: how alike the frames of a video are, to the one before and to the first.
 *
 * Z. Huang et al., "VBench: Comprehensive Benchmark Suite for Video Generative Models", CVPR 2024, arXiv:2311.17982, §4.1.
 * Reference: Vchitect/VBench @45e79ec, `vbench/subject_consistency.py`, `vbench/background_consistency.py`.
 *
 *   f_i   feature of frame i (published: DINO ViT-B/16 for the subject, CLIP ViT-B/32 image for the background)
 *   S = mean over i ≥ 1 of ½ (max(0, cos(f_i, f_i−1)) + max(0, cos(f_i, f_0)))
 *
 * Videos pool by pairs of frames. Where we differ: float64 instead of float32.
 */
import { type Feature, cosineSimilarity } from './cosine.ts';
import type { VideoScore } from './video-score.ts';

/** Consistency of a video from the features of its frames, in order; `null` for fewer than two frames. */
export function frameConsistency(features: readonly Feature[]): VideoScore | null {
  const [first] = features;
  let former = first;
  let sum = 0;
  for (const feature of features.slice(1)) {
    if (first === undefined || former === undefined) break;
    sum += (Math.max(0, cosineSimilarity(former, feature)) + Math.max(0, cosineSimilarity(first, feature))) / 2;
    former = feature;
  }
  const pairs = features.length - 1;
  return pairs < 1 ? null : { score: sum / pairs, weight: pairs };
}
