/**
 * Quality, semantic and total score. Vchitect/VBench @45e79ec, `scripts/cal_final_score.py`, `cal_i2v_final_score.py`.
 *
 *   n_d = (s_d − min_d) / (max_d − min_d)                       not clamped
 *   group score = Σ w_d n_d / Σ w_d;   total = (4 · quality + semantic) / 5
 *
 * Where we differ: the reference counts a missing dimension as a raw 0; here a group with a missing dimension has no score,
 * and neither has the total. `completeScores` gives the reference's reading.
 */
import { type Dimension, type DimensionFacts, dimensionNames, dimensions } from './dimensions.ts';

/** Raw scores by dimension; what was not measured is absent. */
export type DimensionScores = Readonly<Partial<Record<Dimension, number>>>;

/** `null` where a dimension of the group is missing. */
export interface FinalScore {
  readonly quality: number | null;
  readonly semantic: number | null;
  readonly total: number | null;
}

/** A raw score mapped from its published range. */
export function normalizedScore(raw: number, { min, max }: Pick<DimensionFacts, 'min' | 'max'>): number {
  return (raw - min) / (max - min);
}

/** Quality, semantic and total score of a set of videos. */
export function finalScore(scores: DimensionScores): FinalScore {
  const groupOf = (group: DimensionFacts['group']): number | null =>
    weightedMean(
      dimensionNames
        .filter((name) => dimensions[name].group === group)
        .map((name) => ({ raw: scores[name], facts: dimensions[name] })),
    );
  const quality = groupOf('quality');
  const semantic = groupOf('semantic');
  return { quality, semantic, total: quality === null || semantic === null ? null : (4 * quality + semantic) / 5 };
}

/** Weighted mean of normalised scores; `null` when one is missing. */
export function weightedMean(
  parts: readonly {
    readonly raw: number | undefined;
    readonly facts: Pick<DimensionFacts, 'weight' | 'min' | 'max'>;
  }[],
): number | null {
  let sum = 0;
  let weights = 0;
  for (const { raw, facts } of parts) {
    if (raw === undefined) return null;
    sum += facts.weight * normalizedScore(raw, facts);
    weights += facts.weight;
  }
  return sum / weights;
}

/** The same scores with a raw 0 for what is missing, as the leaderboard's script reads a submission. */
export function completeScores(scores: DimensionScores): Required<DimensionScores> {
  return Object.fromEntries(dimensionNames.map((name) => [name, scores[name] ?? 0])) as Record<Dimension, number>;
}
