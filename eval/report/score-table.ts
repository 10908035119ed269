import { dimensionNames } from '../formulas/dimensions.ts';
import type { CampaignRecord } from '../campaign/record.ts';

/** The table of a report: a row of titles, a row for each dimension that any campaign scored, the means and totals. */
export function scoreTable(records: readonly CampaignRecord[]): readonly (readonly string[])[] {
  const shown = (value: number | null | undefined): string => (value == null ? '-' : value.toFixed(4));
  const scored = dimensionNames.filter((name) =>
    records.some(({ dimensions }) => dimensions.some(({ dimension }) => dimension === name)),
  );
  return [
    ['dimension', ...records.map(({ label }) => label.slice(0, 13))],
    ...scored.map((name) => [
      name,
      ...records.map(({ dimensions }) => shown(dimensions.find(({ dimension }) => dimension === name)?.score)),
    ]),
    ['mean of the above on their ranges', ...records.map(({ mean }) => shown(mean))],
    ...(records.some(({ comparable }) => comparable)
      ? [['total of the leaderboard', ...records.map(({ final }) => shown(final.total))]]
      : []),
  ];
}
