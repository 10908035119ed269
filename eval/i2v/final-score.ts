/**
 * VBench-I2V: the nine dimensions, their published weights and ranges, and the scores made of them.
 * Vchitect/VBench @45e79ec, `scripts/constant.py`, `scripts/cal_i2v_final_score.py`.
 *
 *   total = (I2V score + quality score) / 2
 */
import { type DimensionFacts, dimensions } from '../formulas/dimensions.ts';
import { weightedMean } from '../formulas/final-score.ts';

const unit = { weight: 1, min: 0, max: 1 } as const;

/** The dimensions by group. */
export const i2vDimensions = {
  i2v: {
    camera_motion: { ...unit, weight: 0.1 },
    i2v_subject: { ...unit, min: dimensions.subject_consistency.min },
    i2v_background: { ...unit, min: dimensions.background_consistency.min },
  },
  quality: {
    subject_consistency: dimensions.subject_consistency,
    background_consistency: dimensions.background_consistency,
    motion_smoothness: dimensions.motion_smoothness,
    dynamic_degree: dimensions.dynamic_degree,
    aesthetic_quality: dimensions.aesthetic_quality,
    imaging_quality: dimensions.imaging_quality,
  },
} as const;

type I2vFacts = Pick<DimensionFacts, 'weight' | 'min' | 'max'>;

/** Name of a dimension of VBench-I2V. */
export type I2vDimension = keyof typeof i2vDimensions.i2v | keyof typeof i2vDimensions.quality;

/** I2V, quality and total score; `null` where a dimension is missing. */
export function i2vFinalScore(scores: Readonly<Partial<Record<I2vDimension, number>>>): {
  readonly i2v: number | null;
  readonly quality: number | null;
  readonly total: number | null;
} {
  const groupOf = (group: keyof typeof i2vDimensions): number | null =>
    weightedMean(
      Object.entries<I2vFacts>(i2vDimensions[group]).map(([name, facts]) => ({
        raw: scores[name as I2vDimension],
        facts,
      })),
    );
  const i2v = groupOf('i2v');
  const quality = groupOf('quality');
  return { i2v, quality, total: i2v === null || quality === null ? null : (i2v + quality) / 2 };
}
