import { expect, test } from '@jest/globals';
import { planStory } from '../../story/plan/plan-story.ts';
import { tasksOf } from '../../story/plan/task-list.ts';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { exampleStatus } from '../../test/fakes/example-snapshot.ts';
import { exampleJoin, exampleStory } from '../../test/fakes/example-story.ts';
import { fleetLines, fleetOf } from './fleet.ts';
import { longestWay } from './longest-way.ts';
import type { QueueReport, WorkerReport } from './queue-report.ts';
import type { SeenTask } from './seen-task.ts';
import { reasonsOf, wayText } from './why.ts';

const nowMs = 1_800_000_000_000;
const shot = 'story-lighthouse-0123456789ab/storm-01234567';

const worker = (change: Partial<WorkerReport> = {}): WorkerReport => ({
  name: 'interp@gpu1:7-ab12',
  host: 'gpu1',
  state: 'runs',
  startedMs: nowMs - 3_600_000,
  reportedMs: nowMs - 4_000,
  used: 1,
  done: 40,
  failed: 0,
  ...change,
});
const report = (workers: readonly WorkerReport[], change: Partial<QueueReport> = {}) => ({
  pool: 'interp' as const,
  queue: 'shotline-interp-measure2',
  waiting: 0,
  oldestMs: 0,
  workers,
  ...change,
});
const task = (change: Partial<SeenTask> = {}): SeenTask => ({
  workflowId: shot,
  work: 'interp',
  queue: 'shotline-interp-measure2',
  state: 'waits',
  attempt: 1,
  worker: null,
  sinceMs: nowMs - 65_000,
  beatMs: null,
  nextMs: null,
  progress: null,
  failure: null,
  ...change,
});
const why = (tasks: readonly SeenTask[], reports: readonly ReturnType<typeof report>[], change = {}) =>
  reasonsOf({ status: exampleStatus(change), tasks, fleet: fleetOf(reports, tasks, nowMs), way: [], nowMs });

test('a task in a queue that nobody serves is why, and how to start a worker is said', () => {
  expect(why([task()], [report([])])).toEqual([
    {
      kind: 'stuck',
      text: '1 of its tasks waits in the queue of interp for up to 1:05: no worker of that pool lives',
      next: 'start `shotline worker interp`',
    },
  ]);
});

test('a task behind those of others waits for its turn', () => {
  const [reason] = why([task()], [report([worker(), worker({ name: 'interp@gpu2:1-cd' })], { waiting: 121 })]);
  expect(reason).toEqual({
    kind: 'slow',
    text: '1 of its tasks waits in the queue of interp for up to 1:05, among about 120 of other stories, for 2 workers, 2 of them busy',
    next: 'more workers of interp would help',
  });
});

test('what has failed comes first: where, by which code, and when it is tried again', () => {
  const failed = task({
    state: 'rests',
    attempt: 5,
    worker: 'base@gpu3:9-ff',
    nextMs: nowMs + 40_000,
    work: 'base',
    failure: { code: 'RESOURCE_ENGINE', message: 'the engine died' },
  });
  const running = task({
    state: 'runs',
    worker: 'interp@gpu1:7-ab12',
    beatMs: nowMs - 500,
    progress: { done: 12, of: 60, unit: 'step' },
  });
  expect(why([running, failed], [report([worker()])]).map(({ kind, text }) => [kind, text])).toEqual([
    [
      'stuck',
      'shot storm base: attempt 4 failed on base@gpu3:9-ff with RESOURCE_ENGINE, the next is due in 0:40; it said: the engine died',
    ],
    ['work', 'shot storm interp runs on interp@gpu1:7-ab12 for 1:05, step 12 of 60'],
  ]);
});

test('a worker that gives no sign of life is told of before its task times out', () => {
  const [reason] = why(
    [task({ state: 'runs', worker: 'interp@gpu1:7-ab12', beatMs: nowMs - 24_000 })],
    [report([worker()])],
  );
  expect(reason).toMatchObject({ kind: 'slow', text: expect.stringContaining('gave no sign of life for 0:24') });
});

test('a paused story says so, and one that is over what came of it', () => {
  expect(why([], [], { state: 'paused' })[0]).toMatchObject({ kind: 'stuck', text: 'it is paused' });
  expect(why([], [], { state: 'failed', failure: 'no memory' })).toEqual([
    expect.objectContaining({ kind: 'stuck', text: 'it has failed: no memory' }),
  ]);
  expect(why([], [])[0]?.text).toMatch(/no task of it is under way/);
});

test('the fleet says which workers are dead, and which fail what others make', () => {
  const broken = task({
    state: 'rests',
    worker: 'interp@gpu2:1-cd',
    failure: { code: 'NUMERIC_INVALID', message: '' },
  });
  const fleet = fleetOf(
    [
      report(
        [
          worker(),
          worker({ name: 'interp@gpu2:1-cd', used: 0 }),
          worker({ name: 'interp@gpu3:1-cd', state: 'silent', reportedMs: nowMs - 90_000 }),
          worker({ name: 'interp@gpu4:1-cd', done: 10, failed: 9 }),
        ],
        { waiting: 3, oldestMs: 4_000 },
      ),
    ],
    [broken, task({ state: 'runs', worker: 'interp@gpu1:7-ab12', progress: { done: 1, of: 4, unit: 'step' } })],
    nowMs,
  );
  expect(fleet[0]?.workers.map(({ trouble }) => trouble)).toEqual([
    null,
    'a task failed here with NUMERIC_INVALID and waits for its next attempt',
    'has not reported itself for 1:30: it is dead, stopped or cut off',
    '9 of its 10 tasks failed',
  ]);
  const text = fleetLines(fleet, nowMs).join('\n');
  expect(text).toContain('interp (shotline-interp-measure2): 4 workers, 3 tasks wait, the oldest for 0:04');
  expect(text).toMatch(/interp@gpu1:7-ab12 +busy +1:00:00 +40 +0 +interp 1\/4 of story-lighthouse/);
  expect(text).toMatch(/gpu2:1-cd +idle/);
});

test('tasks that wait although workers have nothing to do are the trouble of a pool', () => {
  const troubleOf = (workers: readonly WorkerReport[], change = {}) =>
    fleetOf([report(workers, { waiting: 2, oldestMs: 60_000, ...change })], [], nowMs)[0]?.trouble;
  expect(troubleOf([])).toBe('2 tasks wait and no worker lives');
  expect(troubleOf([worker({ state: 'drains' })])).toBe('2 tasks wait and no worker lives');
  expect(troubleOf([worker(), worker({ used: 0, name: 'idle@gpu2:1-cd' })])).toMatch(
    /^a task waits for 1:00 although idle@gpu2:1-cd has nothing to do/,
  );
  expect(troubleOf([worker({ used: 0 })], { oldestMs: 2_000 })).toBeNull();
  expect(troubleOf([worker()])).toBeNull();
});

test('the longest way goes through the tasks that are not done, and ends with the film', () => {
  const plan = planStory(exampleStory([exampleJoin, exampleJoin]), exampleModels);
  const way = longestWay(plan, new Set());
  const keys = new Set(way.map(({ task: { key } }) => key));
  for (const [index, { task: each }] of way.entries()) {
    if (index > 0) expect(each.inputs.some(({ key }) => key === way[index - 1]?.task.key)).toBe(true);
  }
  expect(way.at(-1)?.task.stage).toBe('film');
  // A transition waits for the clips on both sides.
  expect(wayText(way)).toMatch(
    /^shot shot-\d base, then join shot-0\+shot-1 transition → interp → segment, then film$/,
  );
  const allButFilm = new Set(tasksOf(plan).flatMap(({ task: each }) => (each.stage === 'film' ? [] : [each.key])));
  expect(longestWay(plan, allButFilm).map(({ task: each }) => each.stage)).toEqual(['film']);
  expect(longestWay(plan, new Set([plan.film.key]))).toEqual([]);
  // What only led to something that is there already is not waited for.
  const transition = plan.joins[0]!.work;
  if (transition.kind !== 'seine') throw new Error('a join of another kind');
  const rest = longestWay(plan, new Set([transition.interp.key]));
  expect(rest.some(({ task: { key } }) => key === transition.transition.key)).toBe(false);
  expect(keys.has(transition.transition.key)).toBe(true);
});
