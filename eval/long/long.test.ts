import { longRanges } from './long-ranges.ts';
import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { clipRanges, clipSeconds, longScore } from './clips.ts';
import type Goldens from './goldens/vbench.json';
import { mappingTables } from './mapping-tables.ts';
import { mapClipToClip, slowFastConsistency } from './slow-fast.ts';

const goldens = JSON.parse(readFileSync(new URL('goldens/vbench.json', import.meta.url), 'utf8')) as typeof Goldens;

test('a video is cut as the vbench package cuts it', () => {
  for (const { frames, fps, seconds, clips } of goldens.long.cuts) {
    expect(clipRanges(frames, fps, seconds).map(({ from, to }) => [from, to])).toEqual(clips);
  }
  expect(clipSeconds('human_action')).toBe(10);
  expect(clipSeconds('color')).toBe(2);
});

test('clips make the score as in the vbench package, and videos do behind the static filter', () => {
  expect(longScore(goldens.long.clips)).toBeCloseTo(goldens.long.clipsAll, 12);
  expect(longScore(goldens.long.clips, true)).toBeCloseTo(goldens.long.filteredAll, 12);
  expect(longScore([])).toBeNull();
});

test('slow-fast consistency equals the vbench package with its own tables', () => {
  for (const { dimension, inClip, clipToClip, each, all } of goldens.long.fused) {
    const table = mappingTables[dimension as keyof typeof mappingTables];
    const fused = inClip.map((score, index) => slowFastConsistency(score, clipToClip[index]!, table));
    for (const [index, score] of fused.entries()) expect(score).toBeCloseTo(each[index]!, 12);
    expect(fused.reduce((sum, score) => sum + score, 0) / fused.length).toBeCloseTo(all, 12);
  }
});

test('the ends of a table hold outside it, and an empty table is refused', () => {
  expect(
    mapClipToClip(0.1, [
      [0.5, 0.7],
      [1, 1],
    ]),
  ).toBe(0.7);
  expect(mapClipToClip(2, [[0.5, 0.7]])).toBe(0.7);
  expect(() => mapClipToClip(0.5, [])).toThrow('no points');
});

test('a long video is cut where its scenes change, and each scene into clips', () => {
  expect(longRanges(100, 8, 2, [40, 70])).toEqual([
    { from: 0, to: 16 },
    { from: 16, to: 32 },
    { from: 24, to: 40 },
    { from: 40, to: 56 },
    { from: 54, to: 70 },
    { from: 70, to: 86 },
    { from: 84, to: 100 },
  ]);
  expect(longRanges(20, 8, 2, [])).toEqual([
    { from: 0, to: 16 },
    { from: 4, to: 20 },
  ]);
  expect(longRanges(20, 8, 2, [0, 20])).toHaveLength(2);
});
