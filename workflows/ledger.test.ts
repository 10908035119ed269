import { describe, expect, test } from '@jest/globals';
import type { StageResult } from '../story/plan/task-run.ts';
import { exampleModels } from '../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../test/fakes/example-story.ts';
import { decideGate, judgeTake } from '../story/script/gate.ts';
import type { GateSettings } from '../story/script/gate.ts';
import { planStory } from '../story/plan/plan-story.ts';
import { rerolled } from '../story/script/script-edits.ts';
import { StoryLedger } from './ledger.ts';
import { itemDetails, itemSummary, storyDetails, storySummary, taskCaption } from './captions.ts';
import type { StoryItem } from './item-tasks.ts';
import { progressTable } from './progress-table.ts';

const script = exampleStory([exampleJoin, exampleJoin, { kind: 'dissolve' }]);
const open = (): StoryLedger => new StoryLedger(script, exampleModels, 0);

function resultOf(key: string, cacheHit = false): StageResult {
  const artifact = { key, sha256: '', bytes: 0 };
  return { artifact, cacheHit, startedMs: 0, endedMs: 0, busyMs: 0, resumedFromStep: 0, attempt: 1, peakBytes: 0 };
}

function itemOf(ledger: StoryLedger, name: string): StoryItem {
  const found = ledger.items.find((item) => item.name === name);
  if (found === undefined) throw new Error(`no item ${name}`);
  return found;
}

function finish(ledger: StoryLedger, item: StoryItem, stages: readonly string[]): void {
  for (const { task } of item.tasks) {
    if (!stages.includes(task.stage)) continue;
    ledger.record({ item: item.name, stage: task.stage, state: 'done', result: resultOf(task.key) });
  }
}

describe('a story ledger', () => {
  test('lets a seine join begin with both base clips and a dissolve with both interpolated ones', () => {
    const ledger = open();
    const shots = ['shot shot-0', 'shot shot-1', 'shot shot-2'].map((name) => itemOf(ledger, name));
    const seine = itemOf(ledger, 'join shot-0+shot-1');
    const dissolve = itemOf(ledger, 'join shot-1+shot-2');
    expect(shots.every((shot) => ledger.canBegin(shot))).toBe(true);
    finish(ledger, shots[0]!, ['base']);
    expect(ledger.canBegin(seine)).toBe(false);
    finish(ledger, shots[1]!, ['base']);
    expect(ledger.canBegin(seine)).toBe(true);
    finish(ledger, shots[2]!, ['base']);
    expect(ledger.canBegin(dissolve)).toBe(false);
    for (const shot of shots) finish(ledger, shot, ['interp']);
    expect(ledger.canBegin(dissolve)).toBe(true);
  });

  test('goes on with the take that a gate decided for, unless the shot has become another since (B1)', () => {
    const [first, ...others] = script.shots;
    const gate: GateSettings = { least: { imaging_quality: 0.5 }, retries: 1 };
    const ledger = new StoryLedger({ ...script, shots: [{ ...first!, gate }, ...others] }, exampleModels, 0);
    const [judged] = ledger.undecided;
    const seed = first!.sampling.seed + 1;
    const decision = decideGate(first!.id, gate, [judgeTake(seed, { imaging_quality: 0.9 }, gate)]);
    const edited = rerolled(ledger.script, { shot: first!.id, seed: 70 });
    ledger.rewrite(edited, planStory(edited, exampleModels));
    ledger.decide(judged!, decision);
    expect(ledger.gates).toEqual([]);
    expect(ledger.script.shots[0]!.sampling.seed).toBe(70);
    ledger.decide(ledger.undecided[0]!, decision);
    expect(ledger.gates).toEqual([decision]);
    expect(ledger.script.shots[0]!.sampling.seed).toBe(seed);
    expect(ledger.undecided).toEqual([]);
    expect(ledger.plan).toEqual(planStory(ledger.script, exampleModels));
  });

  test('keeps what an edit does not touch (B2)', () => {
    const ledger = open();
    const all = ['base', 'interp', 'segment', 'transition', 'dissolve'];
    for (const item of ledger.items) finish(ledger, item, all);
    expect(ledger.isReadyForFilm).toBe(true);
    const edited = rerolled(script, { shot: 'shot-0' });
    const plan = planStory(edited, exampleModels);
    expect(ledger.itemsMissingFrom(plan)).toEqual(['shot shot-0', 'join shot-0+shot-1']);
    ledger.rewrite(edited, plan);
    expect(ledger.items.filter((item) => !ledger.isDone(item)).map(({ name }) => name)).toEqual([
      'shot shot-0',
      'join shot-0+shot-1',
    ]);
    ledger.rewrite(script, planStory(script, exampleModels));
    expect(ledger.isReadyForFilm).toBe(true);
  });

  test('remembers who computed an artifact when another finds it later (B3)', () => {
    const ledger = open();
    const { base } = ledger.plan.shots[0]!;
    const change = { item: 'shot shot-0', stage: 'base', state: 'done' } as const;
    ledger.record({ ...change, result: resultOf(base.key) });
    ledger.record({ ...change, result: resultOf(base.key, true) });
    expect(ledger.runs).toMatchObject([{ result: { cacheHit: false } }]);
  });

  test('forgets what was under way when nobody works on it', () => {
    const ledger = open();
    ledger.record({ item: 'shot shot-0', stage: 'base', state: 'running', result: null });
    ledger.record({ item: 'shot shot-1', stage: 'base', state: 'running', result: null });
    ledger.end('shot shot-0', false);
    ledger.end('shot shot-1', true);
    const states = ledger.status('id').items.map(({ stages }) => stages[0]?.state);
    expect(states.slice(0, 3)).toEqual(['waiting', 'failed', 'waiting']);
  });
});

describe('captions', () => {
  const bytes = (text: string): number => new TextEncoder().encode(text).length;
  const hostile = exampleStory([exampleJoin, exampleJoin]);
  const prompt = '🌊'.repeat(200) + '`|[x](javascript:1)<img>\n# head';
  const plan = planStory(
    { ...hostile, title: prompt.slice(0, 120), shots: hostile.shots.map((shot) => ({ ...shot, prompt })) },
    exampleModels,
  );

  test('stay within the limits of the server', () => {
    for (const item of [...plan.shots, ...plan.joins]) expect(bytes(itemSummary(item))).toBeLessThanOrEqual(200);
    expect(bytes(storySummary(plan))).toBeLessThanOrEqual(200);
    expect(bytes(storyDetails(plan))).toBeLessThanOrEqual(20_000);
  });

  test('show the text of others as text', () => {
    const details = itemDetails(plan.shots[0]!, 'story');
    expect(details).not.toMatch(/[<>[\]|]/);
    expect(details.split('\n').filter((line) => line.startsWith('#'))).toEqual([]);
  });

  test('say shot, stage and work of an activity', () => {
    const { base, segments } = planStory(script, exampleModels).shots[0]!;
    expect(taskCaption({ item: 'shot dawn', task: base })).toBe('dawn · base · 25 steps');
    expect(taskCaption({ item: 'shot dawn', task: segments[0]! })).toBe('dawn · segment · frames 0–20');
    const [shot] = script.shots;
    const again = { ...script, shots: [{ ...shot!, sampling: { ...shot!.sampling, freeinit: true } }] };
    const last = planStory(again, exampleModels).shots[0]!;
    expect(taskCaption({ item: 'shot dawn', task: last.base })).toBe('dawn · base · 25 steps, FreeInit iteration 3');
    expect(itemDetails(last, 'story')).toContain('3 iterations of FreeInit');
  });

  test('draw the progress as a table', () => {
    const ledger = open();
    finish(ledger, itemOf(ledger, 'shot shot-0'), ['base', 'interp']);
    const [first] = ledger.plan.shots[0]!.segments;
    ledger.record({ item: 'shot shot-0', stage: 'segment', state: 'running', result: null });
    ledger.record({ item: 'shot shot-0', stage: 'segment', state: 'cached', result: resultOf(first!.key, true) });
    expect(progressTable(ledger.status('id'))).toContain('| shot shot-0 | ✓ | ✓ | ▶ 1/3 |');
  });
});
