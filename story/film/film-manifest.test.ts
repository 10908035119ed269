import { describe, expect, test } from '@jest/globals';
import type { TaskRun } from '../plan/task-run.ts';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../../test/fakes/example-story.ts';
import { buildFilmManifest } from './film-manifest.ts';
import { planMadeStory } from '../plan/plan-story.ts';
import { tasksOf } from '../plan/task-list.ts';
import type { PlannedTask } from '../plan/plan.ts';

const script = exampleStory([exampleJoin, exampleJoin]);
const plan = planMadeStory(script, exampleModels);
const published = {
  bucket: 'films',
  filmKey: 'films/x.mp4',
  posterKey: 'films/x.jpg',
  storyboardKey: 'films/x-storyboard.jpg',
  manifestKey: 'films/x.json',
  width: 3840,
  height: 2160,
  fps: 24,
  frames: 181,
  seconds: 7.5,
  bytes: 1000,
};

const run = ({ item, task }: PlannedTask, startedMs: number, ms: number, cacheHit = false): TaskRun => ({
  item,
  stage: task.stage,
  result: {
    artifact: { key: task.key, sha256: 'c'.repeat(64), bytes: 5 },
    cacheHit,
    startedMs,
    endedMs: startedMs + ms,
    busyMs: cacheHit ? 0 : ms,
    resumedFromStep: 0,
    attempt: 1,
    peakBytes: 9,
  },
});
const manifestOf = (runs: readonly TaskRun[], film = published) =>
  buildFilmManifest({
    storyId: 'story-example',
    plan,
    script,
    models: exampleModels,
    runs,
    startedMs: 1000,
    published: film,
  });

/** Every task takes 100 ms, one after the other, from 1000. */
const oneByOne = tasksOf(plan).map((entry, index) => run(entry, 1000 + 100 * index, 100));

describe('the manifest of a film', () => {
  test('tells of every run of frames which tasks made it, from what, and how', () => {
    const manifest = manifestOf(oneByOne);
    expect(manifest.timeline.map(({ item, tasks }) => [item, tasks.map(({ stage }) => stage)])).toEqual([
      ['shot shot-0', ['base', 'interp', 'segment', 'segment', 'segment']],
      ['join shot-0+shot-1', ['transition', 'interp', 'segment', 'segment', 'segment']],
      ['shot shot-1', ['base', 'interp', 'segment', 'segment', 'segment']],
    ]);
    expect(manifest.timeline[1]?.tasks[0]).toMatchObject({
      params: { prompt: 'smooth transition', known: 1 },
      inputs: [plan.shots[0]?.base.key, plan.shots[1]?.base.key],
      packages: { transition: exampleModels.packages.transition },
      run: { sha256: 'c'.repeat(64), cacheHit: false, busyMs: 100, attempt: 1, resumedFromStep: 0, peakBytes: 9 },
    });
    expect(manifest.assembly).toMatchObject({ stage: 'film', run: { bytes: 5 } });
  });

  test('tells that an artifact was made with fewer frames per model call', () => {
    const [first, ...others] = oneByOne;
    const shrunk = { ...first!, result: { ...first!.result, shrink: 2 } };
    const [made, next] = manifestOf([shrunk, ...others]).timeline[0]!.tasks;
    expect(made!.run).toMatchObject({ shrink: 2 });
    expect(next!.run).not.toHaveProperty('shrink');
  });

  test('is JSON and holds no signed URL', () => {
    const manifest = manifestOf(oneByOne, { ...published, filmUrl: 'https://signed' } as typeof published);
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(manifest);
    expect(JSON.stringify(manifest)).not.toContain('https:');
  });

  test('measures makespan, busy time per pool and efficiency', () => {
    const { measures } = manifestOf(oneByOne);
    expect(measures).toMatchObject({
      computed: 16,
      cacheHits: 0,
      makespanMs: 1600,
      busyMs: { base: 300, interp: 300, sr: 900, edit: 100 },
    });
    expect(measures.efficiency).toBeCloseTo(1600 / (1600 * 4), 9);
  });

  test('finds the longest chain of tasks that waited for each other', () => {
    const slow = oneByOne.map((entry) =>
      entry.item === 'shot shot-1' && entry.stage === 'base'
        ? { ...entry, result: { ...entry.result, endedMs: entry.result.startedMs + 5000 } }
        : entry,
    );
    const { criticalPath } = manifestOf(slow).measures;
    expect(criticalPath.ms).toBe(5000 + 400);
    expect(criticalPath.tasks.map(({ item, stage }) => [item, stage])).toEqual([
      ['shot shot-1', 'base'],
      ['join shot-0+shot-1', 'transition'],
      ['join shot-0+shot-1', 'interp'],
      ['join shot-0+shot-1', 'segment'],
      ['film', 'film'],
    ]);
  });

  test('of a film that was found whole has no busy time', () => {
    const { measures } = manifestOf(tasksOf(plan).map((entry) => run(entry, 1000, 0, true)));
    expect(measures).toEqual({
      computed: 0,
      cacheHits: 16,
      makespanMs: 0,
      criticalPath: { ms: 0, tasks: [] },
      busyMs: {},
      efficiency: 0,
    });
  });

  test('shows what did not run as such, and of an artifact made twice the second run', () => {
    const [first] = tasksOf(plan);
    if (first === undefined) throw new Error('a plan has tasks');
    const manifest = manifestOf([run(first, 1000, 100), run(first, 2000, 300)]);
    expect(manifest.timeline[0]?.tasks[0]?.run).toMatchObject({ startedMs: 2000, endedMs: 2300 });
    expect(manifest.timeline[0]?.tasks[1]?.run).toBeNull();
    expect(manifest.measures.busyMs).toEqual({ base: 400 });
  });
});
