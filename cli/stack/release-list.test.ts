import { expect, test } from '@jest/globals';
import { releaseRow } from './release-list.ts';

const release = { buildId: '0.1.0-a', isCurrent: false, open: 0, workers: 1 };

test('a release says whether its workers may go', () => {
  expect(releaseRow(release)).toEqual(['0.1.0-a', 'free', '0', '1', 'its workers may go']);
  expect(releaseRow({ ...release, open: 2 })).toEqual(['0.1.0-a', 'needed', '2', '1', 'keep its workers']);
  expect(releaseRow({ ...release, open: 2, workers: 0 }).at(-1)).toContain('cancel --force');
});

test('a current release without workers is no state to leave it in', () => {
  expect(releaseRow({ ...release, isCurrent: true })).toEqual(['0.1.0-a', 'current', '0', '1', '']);
  expect(releaseRow({ ...release, isCurrent: true, workers: 0 }).at(-1)).toContain('shotline worker edit');
});
