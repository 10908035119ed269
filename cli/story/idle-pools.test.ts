import { expect, test } from '@jest/globals';
import { IdlePools, waitingPools } from './idle-pools.ts';
import type { LiveActivity, LiveWork, StorySnapshot } from '../board/story-snapshot.ts';

const activity = (work: LiveWork, started: boolean): LiveActivity => ({
  work,
  started,
  attempt: 1,
  progress: null,
  lastFailure: null,
});

const snapshotOf = (...activities: readonly LiveActivity[]): StorySnapshot =>
  ({ activities: new Map([['shot a', activities]]) }) as unknown as StorySnapshot;

const waits = snapshotOf(activity('segment', false), activity('enhance', false), activity('base', true));

test('a story waits for a pool that runs none of its tasks', () => {
  expect([...waitingPools(waits)]).toEqual([['sr', 2]]);
  expect([...waitingPools(snapshotOf(activity('segment', false), activity('segment', true)))]).toEqual([]);
  expect([...waitingPools(snapshotOf(activity('publish', false)))]).toEqual([['edit', 1]]);
});

test('a pool that nobody serves is told after a while, with what to do, until somebody asks for its work', async () => {
  let polledMs: number | null = null;
  let asked = 0;
  const pools = new IdlePools(() => {
    asked++;
    return Promise.resolve(polledMs);
  });
  const startMs = 1_000_000;
  expect(await pools.look(waits, startMs)).toBeNull();
  expect(await pools.look(waits, startMs + 10_000)).toBeNull();
  expect(asked).toBe(0);
  const line = await pools.look(waits, startMs + 20_000);
  expect(line).toMatch(/pool sr \(2 tasks of this story\).*shotline worker sr.*shotline stack up/);
  expect(await pools.look(waits, startMs + 21_000)).toBe(line);
  expect(asked).toBe(1);
  polledMs = startMs + 31_000;
  expect(await pools.look(waits, startMs + 32_000)).toBeNull();
});

test('a pool that began to work starts its wait anew, and a silent server has no news', async () => {
  const pools = new IdlePools(() => Promise.reject(new Error('unavailable')));
  expect(await pools.look(waits, 0)).toBeNull();
  expect(await pools.look(snapshotOf(activity('segment', true)), 14_000)).toBeNull();
  expect(await pools.look(waits, 16_000)).toBeNull();
  expect(await pools.look(waits, 40_000)).toBeNull();
});
