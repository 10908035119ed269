import { type Dimension, dimensionNames } from '../formulas/dimensions.ts';
import type { CampaignRecord } from './record.ts';

/** One campaign on the board. */
export interface LeaderboardRow {
  readonly rank: number;
  readonly id: string;
  readonly label: string;
  readonly suite: string;
  readonly models: string;
  /** VBench's total, where every model is the published one; the board's order among those. */
  readonly total: number | null;
  /** Mean of the normalised dimensions that were measured; the order of all others. */
  readonly mean: number | null;
  readonly scores: Readonly<Partial<Record<Dimension, number>>>;
  readonly comparable: boolean;
}

/** The dimensions that any row has, in the order of VBench. */
export function boardDimensions(rows: readonly LeaderboardRow[]): readonly Dimension[] {
  return dimensionNames.filter((dimension) => rows.some(({ scores }) => scores[dimension] !== undefined));
}

/**
 * Campaigns in order: those that may be put beside the public leaderboard by its total, then the others by their mean. Means of
 * campaigns that measured different dimensions are not alike, so campaigns stand together by suite.
 */
export function leaderboard(records: readonly CampaignRecord[]): readonly LeaderboardRow[] {
  const sorted = [...records].sort(
    (one, two) =>
      Number(two.comparable) - Number(one.comparable) ||
      one.suite.localeCompare(two.suite) ||
      (two.final.total ?? two.mean ?? -1) - (one.final.total ?? one.mean ?? -1),
  );
  return sorted.map(({ id, label, suite, models, final, mean, dimensions, comparable }, index) => ({
    rank: index + 1,
    id,
    label,
    suite,
    models,
    mean,
    comparable,
    total: final.total,
    scores: Object.fromEntries(dimensions.map(({ dimension, score }) => [dimension, score])),
  }));
}
