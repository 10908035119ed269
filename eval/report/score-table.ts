import { dimensionNames } from '../formulas/dimensions.ts';
import type { CampaignRecord } from '../campaign/record.ts';

/** A line of the table of a report: a number for each campaign. */
export interface ScoreRow {
  readonly name: string;
  /** `null` where a campaign has no score. */
  readonly values: readonly (number | null)[];
  /** Which values are the highest; none when all are alike. */
  readonly best: ReadonlySet<number>;
}

/** The table of a report: a row for each dimension that any campaign scored, the means and totals. */
export function scoreTable(records: readonly CampaignRecord[]): readonly ScoreRow[] {
  const scored = dimensionNames.filter((name) =>
    records.some(({ dimensions }) => dimensions.some(({ dimension }) => dimension === name)),
  );
  return [
    ...scored.map((name) =>
      rowOf(
        name.replaceAll('_', ' '),
        records.map(({ dimensions }) => dimensions.find(({ dimension }) => dimension === name)?.score ?? null),
      ),
    ),
    rowOf(
      'mean',
      records.map(({ mean }) => mean),
    ),
    ...(records.some(({ comparable }) => comparable)
      ? [
          rowOf(
            'total of the leaderboard',
            records.map(({ final }) => final.total),
          ),
        ]
      : []),
  ];
}

/** A score as a report writes it. */
export function scoreText(value: number | null): string {
  return value === null ? '-' : value.toFixed(4);
}

function rowOf(name: string, values: readonly (number | null)[]): ScoreRow {
  const texts = values.map(scoreText);
  const highest = Math.max(...values.map((value) => value ?? -Infinity));
  const best = texts.flatMap((text, index) => (text === scoreText(highest) ? [index] : []));
  return { name, values, best: new Set(best.length === values.length ? [] : best) };
}
