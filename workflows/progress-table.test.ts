import { expect, test } from '@jest/globals';
import type { ItemStatus, StageState, StoryStatus } from './contracts.ts';
import { progressTable } from './progress-table.ts';

const stage = (name: string, state: StageState, done = 0, of = 1): ItemStatus['stages'][number] =>
  ({ stage: name, state, done, of }) as ItemStatus['stages'][number];
const status = (stages: ItemStatus['stages'], more: Partial<StoryStatus> = {}): StoryStatus => ({
  storyId: 'id',
  title: 'Example',
  state: 'running',
  tasksDone: 1,
  tasksOf: 6,
  cacheHits: 2,
  failure: null,
  items: [{ item: 'shot a', kind: 'shot', stages, childId: null }],
  ...more,
});
const row = (...stages: ItemStatus['stages']): string => progressTable(status(stages)).split('\n').at(-1)!;

test('the progress of a story is a table of its items, with what came before it', () => {
  expect(progressTable(status([stage('base', 'waiting')]))).toBe(
    '**running**: 1 of 6 tasks, 2 from the cache\n\n' +
      '| item | clip | interp | segments |\n| --- | --- | --- | --- |\n| shot a | · |  |  |',
  );
  const gate = { shot: 'a', takes: [{}], seed: 7, passed: true, unmeasured: [] };
  const told = progressTable(status([], { state: 'failed', failure: 'two\nlines', gates: [gate] as never }));
  expect(told.split('\n\n').slice(0, 3)).toEqual([
    '**failed**: 1 of 6 tasks, 2 from the cache',
    '    two lines',
    'gate of a: 1 take, seed 7 passed',
  ]);
});

test.each(['base', 'completion', 'transition'])('a clip is made by %s', (name) => {
  expect(row(stage(name, 'running'), stage('interp', 'done', 1))).toBe('| shot a | ▶ | ✓ |  |');
});

test('a dissolve mixes what is interpolated, and what has no column is not shown', () => {
  expect(row(stage('picture', 'running'), stage('dissolve', 'running'))).toBe('| shot a |  | ▶ |  |');
});

test('each state has its sign, and parts are counted once work on them has begun', () => {
  expect(row(stage('interp', 'cached', 1), stage('segment', 'waiting', 0, 3))).toBe('| shot a |  | ✓ cached | · |');
  expect(row(stage('segment', 'failed', 1, 3))).toBe('| shot a |  |  | ✗ failed 1/3 |');
  expect(row(stage('film', 'running', 0, 1))).toBe('| shot a |  |  | ▶ |');
});

test('of enhancement and segments it shows what goes on', () => {
  expect(row(stage('enhance', 'running', 1, 3), stage('segment', 'waiting', 0, 3))).toContain('▶ 1/3');
  expect(row(stage('enhance', 'done', 3, 3), stage('segment', 'running', 2, 3))).toContain('▶ 2/3');
  expect(row(stage('enhance', 'waiting', 0, 3), stage('segment', 'waiting', 0, 3))).toContain('| · |');
});
