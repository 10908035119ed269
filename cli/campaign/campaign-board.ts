import { boardDimensions, type LeaderboardRow } from '../../eval/campaign/leaderboard.ts';
import { textTable } from '../shell/text-table.ts';

/** What `shotline eval leaderboard` prints: the order, and under it the scores, a column for each campaign by its number. */
export function boardLines(rows: readonly LeaderboardRow[]): string[] {
  const order = textTable(
    [
      { title: '#', align: 'right' },
      { title: 'campaign' },
      { title: 'suite' },
      { title: 'models' },
      { title: 'comparable' },
      { title: 'total', align: 'right' },
      { title: 'mean', align: 'right' },
    ],
    rows.map(({ rank, label, suite, models, comparable, total, mean }) => [
      String(rank),
      label,
      suite,
      models,
      comparable ? 'yes' : 'no',
      shown(total),
      shown(mean),
    ]),
  );
  const scores = textTable(
    [{ title: 'dimension' }, ...rows.map(({ rank }) => ({ title: `#${String(rank)}`, align: 'right' as const }))],
    boardDimensions(rows).map((dimension) => [dimension, ...rows.map((row) => shown(row.scores[dimension]))]),
  );
  return [...order, '', ...scores];
}

function shown(value: number | null | undefined): string {
  return value == null ? '-' : value.toFixed(4);
}
