import { expect, test } from '@jest/globals';
import { IdlePools, waitingTasks } from './idle-pools.ts';
import type { Pool } from '../story/plan/stages.ts';
import type { LiveActivity, LiveWork, StorySnapshot } from './story-snapshot.ts';

const pools = { segment: 'sr', enhance: 'sr', base: 'base', publish: 'edit' } as Record<LiveWork, Pool>;
const own = (pool: Pool): string => `farm-${pool}`;
const queueOf = (work: LiveWork): string => own(pools[work]);

const activity = (work: LiveWork, started: boolean): LiveActivity => ({
  work,
  queue: queueOf(work),
  started,
  attempt: 1,
  progress: null,
  lastFailure: null,
});

const snapshotOf = (...activities: readonly LiveActivity[]): StorySnapshot =>
  ({ activities: new Map([['shot a', activities]]) }) as unknown as StorySnapshot;

const waits = snapshotOf(activity('segment', false), activity('enhance', false), activity('base', true));

test('a story waits for a pool that runs none of its tasks', () => {
  expect(waitingTasks(waits)).toEqual([{ pool: 'sr', queue: 'farm-sr', count: 2 }]);
  expect(waitingTasks(snapshotOf(activity('segment', false), activity('segment', true)))).toEqual([]);
  expect(waitingTasks(snapshotOf(activity('publish', false)))).toEqual([
    { pool: 'edit', queue: 'farm-edit', count: 1 },
  ]);
});

test('a pool that nobody serves is told after a while, with what to do, until somebody asks for its work', async () => {
  let living: readonly string[] = [];
  let asked = 0;
  const idle = new IdlePools(() => {
    asked++;
    return Promise.resolve(living);
  }, own);
  const startMs = 1_000_000;
  expect(await idle.look(waits, startMs)).toBeNull();
  expect(await idle.look(waits, startMs + 10_000)).toBeNull();
  expect(asked).toBe(0);
  const line = await idle.look(waits, startMs + 20_000);
  expect(line).toMatch(/pool sr \(2 tasks of this story\).*shotline worker sr.*shotline stack up/);
  expect(await idle.look(waits, startMs + 21_000)).toBe(line);
  expect(asked).toBe(1);
  living = ['sr@host:1-abcd'];
  expect(await idle.look(waits, startMs + 32_000)).toBeNull();
});

test('a pool that began to work starts its wait anew, and a silent server has no news', async () => {
  const idle = new IdlePools(() => Promise.resolve(null), own);
  expect(await idle.look(waits, 0)).toBeNull();
  expect(await idle.look(snapshotOf(activity('segment', true)), 14_000)).toBeNull();
  expect(await idle.look(waits, 16_000)).toBeNull();
  expect(await idle.look(waits, 40_000)).toBeNull();
});

test('tasks of another release, which workers of this one never see, are told as such', async () => {
  const queues: string[] = [];
  const idle = new IdlePools((queue) => {
    queues.push(queue);
    return Promise.resolve([]);
  }, own);
  const other = snapshotOf({ ...activity('base', false), queue: 'farm-base-base2' });
  await idle.look(other, 100_000);
  expect(await idle.look(other, 120_000)).toMatch(/another|other versions.*farm-base-base2.*shotline cancel/);
  expect(queues).toEqual(['farm-base-base2']);
});
