/**
 * Temporal style and overall consistency: how close a video and its prompt lie in a common space.
 *
 * VBench, arXiv:2311.17982, §4.2; Vchitect/VBench @45e79ec, `vbench/temporal_style.py`, `vbench/overall_consistency.py`.
 * Published: ViCLIP-InternVid-10M-FLT on 8 frames, each from the middle of its eighth (`frame-sampling.ts`).
 *
 *   S = cos(video, text)
 */
import { type Feature, cosineSimilarity } from './cosine.ts';
import type { VideoScore } from './video-score.ts';

/** Similarity of a video's feature and its prompt's. */
export function videoText(video: Feature, text: Feature): VideoScore {
  return { score: cosineSimilarity(video, text), weight: 1 };
}
