/**
 * VBench-I2V, subject and background: how much a video looks like the picture it was made from.
 *
 * Z. Huang et al., "VBench++", arXiv:2411.13503; Vchitect/VBench @45e79ec, `vbench2_beta_i2v/i2v_subject.py`,
 * `i2v_background.py`. Published: DINO ViT-B/16 for the subject, DreamSim for the background.
 *
 *   a_i = max(0, cos(picture, f_i));  b_i = max(0, cos(f_i−1, f_i));   S = 0.4 max a + 0.3 mean b + 0.3 min b
 */
import { type Feature, cosineSimilarity } from '../formulas/cosine.ts';
import { type VideoScore, meanOf } from '../formulas/video-score.ts';

/** Conformity of a video to a picture; `null` for fewer than two frames. */
export function imageConformity(picture: Feature, frames: readonly Feature[]): VideoScore | null {
  const toPicture = frames.map((frame) => Math.max(0, cosineSimilarity(picture, frame)));
  const toFormer = frames.slice(1).map((frame, index) => Math.max(0, cosineSimilarity(frames[index] ?? frame, frame)));
  const mean = meanOf(toFormer);
  if (mean === null) return null;
  return { score: 0.4 * Math.max(...toPicture) + 0.3 * mean + 0.3 * Math.min(...toFormer), weight: 1 };
}
