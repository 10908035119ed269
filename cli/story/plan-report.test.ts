import { expect, test } from '@jest/globals';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../../test/fakes/example-story.ts';
import { planStory } from '../../story/plan/plan-story.ts';
import { tasksOf } from '../../story/plan/task-list.ts';
import type { Shot } from '../../story/script/script.ts';
import { planRows } from './plan-report.ts';
import { applyOverrides } from './script-overrides.ts';

const script = exampleStory([exampleJoin, exampleJoin, { kind: 'cut' }]);
const plan = planStory(script, exampleModels);

test('rows are in film order and their frames add up to the film', () => {
  const rows = planRows(plan, null);
  expect(rows.map(([item]) => item)).toEqual([
    'shot shot-0',
    'join shot-0+shot-1',
    'shot shot-1',
    'shot shot-2',
    'film',
  ]);
  const frames = rows.map(([, count]) => Number(count));
  expect(frames.slice(0, -1).reduce((sum, count) => sum + count, 0)).toBe(frames.at(-1));
  expect(rows[1]?.slice(3)).toEqual([
    expect.stringMatching(/^transition, interp, /),
    'ddim 25; interp ddim 8',
    expect.stringMatching(/^\d+ s$/),
    '?',
    'smooth transition',
  ]);
});

/** The shots, joined by as many seconds. */
const withJoins = (seconds: number): Shot[] =>
  script.shots.map((shot) => (shot.join?.kind === 'seine' ? { ...shot, join: { ...shot.join, seconds } } : shot));

test('tells which shots are made with FreeNoise', () => {
  const [first, ...others] = withJoins(1);
  const rows = planRows(planStory({ ...script, shots: [{ ...first!, seconds: 6 }, ...others] }, exampleModels), null);
  expect(rows[0]?.[3]).toMatch(/^base with FreeNoise, interp, 6 segments$/);
  expect(rows[2]?.[3]).toMatch(/^base, interp, /);
});

test('tells the iterations of FreeInit, their steps and their cost', () => {
  const [shot] = script.shots;
  const rowsWith = (freeinit: NonNullable<Shot['sampling']['freeinit']>): string[] =>
    planRows(
      planStory({ ...script, shots: [{ ...shot!, sampling: { ...shot!.sampling, freeinit } }] }, exampleModels),
      null,
    )[0]!;
  const cost = (row: string[]): number => Number.parseFloat(row[5]!);
  const [without, all, rising] = [rowsWith(false), rowsWith(true), rowsWith({ coarseToFine: true })];
  expect(all.slice(3, 5)).toEqual([
    expect.stringMatching(/^base with FreeInit \(3 iterations\), interp, /),
    'ddim 25, 25, 25; interp ddim 8',
  ]);
  expect(rising[4]).toBe('ddim 8, 16, 25; interp ddim 8');
  expect(cost(all)).toBeGreaterThan(cost(rising));
  expect(cost(rising)).toBeGreaterThan(cost(without));
});

test('counts what is made already', () => {
  const firstShot = tasksOf(plan).filter(({ item }) => item === 'shot shot-0');
  const rows = planRows(plan, new Set([firstShot[0]!.task.key]));
  expect(rows[0]?.[6]).toBe(`1/${firstShot.length}`);
  expect(rows.at(-1)?.[6]).toBe('0/1');
});

test('shows what runs and what it costs', () => {
  const [shot] = script.shots;
  const tuned = {
    ...script,
    shots: [{ ...shot!, sampling: { ...shot!.sampling, sampler: 'unipc', steps: 12, freeu: true } }],
  } as const;
  const costOf = (rows: string[][]): number => Number.parseFloat(rows[0]![5]!);
  const rows = planRows(planStory(tuned, exampleModels), null);
  expect(rows[0]?.[4]).toBe('unipc 12 + freeu; interp ddim 8');
  expect(costOf(rows)).toBeLessThan(costOf(planRows(plan, null)));
});

test('overrides make another story', () => {
  const smaller = applyOverrides(script, { output: { width: 640, height: 360 } });
  expect(smaller.output).toEqual({ width: 640, height: 360, fps: 24 });
  const reseeded = applyOverrides(script, { seed: 3 });
  expect(new Set(reseeded.shots.map(({ sampling }) => sampling.seed)).size).toBe(script.shots.length);
  expect(applyOverrides(script, { seed: 3 })).toEqual(reseeded);
  expect(applyOverrides(script, {})).toEqual(script);
  const [first, ...others] = script.shots;
  const again = { ...first!, sampling: { ...first!.sampling, freeinit: true } };
  const preview = applyOverrides({ ...script, shots: [again, ...others] }, { iteration: 1 });
  expect(preview.shots.map(({ sampling }) => sampling.freeinit)).toEqual([{ show: 1 }, undefined, undefined]);
  const draft = applyOverrides(script, { quality: 'draft' });
  expect(draft.shots.map(({ sampling }) => sampling.quality)).toEqual(['draft', 'draft', 'draft']);
});

test('tells how many frames of a shot its joins show', () => {
  const dissolved = exampleStory([exampleJoin, { kind: 'dissolve' }, { kind: 'fade', seconds: 0.5 }]);
  expect(planRows(planStory(dissolved, exampleModels), null).map((row) => row.slice(0, 2))).toEqual([
    ['shot shot-0', '49 of 61'],
    ['join shot-0+shot-1', '12'],
    ['shot shot-1', '43 of 61'],
    ['join shot-1+shot-2', '12'],
    ['shot shot-2', '55 of 61'],
    ['film', '171'],
  ]);
});

test('tells what becomes of the frames of a clip in a film of another rate, and of another speed', () => {
  const promptsAt = (fps: number, speed?: number): (string | undefined)[] => {
    const all = fps < 24 ? withJoins(1) : script.shots;
    const shots = all.map((shot) => (speed === undefined ? shot : { ...shot, speed }));
    const rows = planRows(planStory({ ...script, shots, output: { ...script.output, fps } }, exampleModels), null);
    return rows.map((row) => row[7]).slice(0, 2);
  };
  const [{ prompt }] = script.shots as [Shot];
  expect(promptsAt(24)).toEqual([prompt, 'smooth transition']);
  // 152 frames show 61.
  expect(promptsAt(60)).toEqual([
    `${prompt} (91 frames show the one before again)`,
    'smooth transition (87 frames show the one before again)',
  ]);
  expect(promptsAt(30)[0]).toBe(`${prompt} (15 frames show the one before again)`);
  expect(promptsAt(12)[0]).toBe(`${prompt} (30 frames left out)`);
  expect(promptsAt(24, 0.5)[0]).toBe(`${prompt} (60 frames show the one before again)`);
});
