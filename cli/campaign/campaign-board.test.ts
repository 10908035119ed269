import { expect, test } from '@jest/globals';
import type { LeaderboardRow } from '../../eval/campaign/leaderboard.ts';
import { boardLines } from './campaign-board.ts';

const row = { suite: 'pocket', models: 'pocket', total: null, comparable: false };
const rows: readonly LeaderboardRow[] = [
  { ...row, rank: 1, id: 'a', label: 'freeu', mean: 0.9, scores: { color: 0.95, scene: 1 } },
  { ...row, rank: 2, id: 'b', label: 'plain', mean: 0.8, scores: { color: 0.5 } },
];

test('a leaderboard has a line for each campaign, and a column of scores for each', () => {
  const lines = boardLines(rows);
  expect(lines[1]).toMatch(/^1 +freeu +pocket +pocket +no +- +0\.9000$/);
  expect(lines).toContainEqual(expect.stringMatching(/^color +0\.9500 +0\.5000$/));
  expect(lines).toContainEqual(expect.stringMatching(/^scene +1\.0000 +-$/));
});
