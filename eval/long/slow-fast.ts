/**
 * VBench-Long, subject and background consistency: clips may each be consistent while the video drifts, so the first frames
 * of the clips are compared too ("clip to clip"), remapped to the scale of the scores inside clips, and mixed in.
 *
 * Vchitect/VBench @45e79ec, `vbench2_beta_long/utils.py` (`fuse_inclip_clip2clip`), `configs/*_mapping_table.yaml`. Published
 * for the slow-fast mode: weights ½ and ½, DINOv2 ViT-B/14 for the subject, DreamSim for the background; without it 1 and 0.
 *
 *   S = w_in s_in + w_clip m(s_clip), m linear between the table's points;  S = s_in where m(s_clip) = 0
 */
import { PipelineError } from '../../errors/pipeline-error.ts';

/** Points (score between clips → score inside clips), by rising first value. */
export type MappingTable = readonly (readonly [clipToClip: number, mapped: number])[];

/** Weights of the two parts. */
export interface SlowFastWeights {
  readonly inClip: number;
  readonly clipToClip: number;
}

/** The published weights of the slow-fast mode. */
export const slowFastWeights: SlowFastWeights = { inClip: 0.5, clipToClip: 0.5 };

/** A score between clips on the scale of the scores inside clips; outside the table its ends hold. */
export function mapClipToClip(score: number, table: MappingTable): number {
  const index = table.findIndex(([key]) => key >= score);
  const upper = table[index === -1 ? table.length - 1 : index];
  if (upper === undefined) throw new PipelineError('INTERNAL', 'the mapping table has no points; it needs one or more');
  const lower = index > 0 ? table[index - 1] : undefined;
  if (lower === undefined) return upper[1];
  return lower[1] + ((upper[1] - lower[1]) * (score - lower[0])) / (upper[0] - lower[0]);
}

/** Consistency of a long video; `clipToClip` is 0 for a video of one clip, which then keeps its score inside clips. */
export function slowFastConsistency(
  inClip: number,
  clipToClip: number,
  table: MappingTable,
  weights: SlowFastWeights = slowFastWeights,
): number {
  const mapped = mapClipToClip(clipToClip, table);
  return mapped === 0 ? inClip : inClip * weights.inClip + mapped * weights.clipToClip;
}
