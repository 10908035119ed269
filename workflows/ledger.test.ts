import { madeShots } from '../story/plan/plan.ts';
import { describe, expect, test } from '@jest/globals';
import type { StageResult } from '../story/plan/task-run.ts';
import { exampleModels } from '../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../test/fakes/example-story.ts';
import { decideGate, judgeTake } from '../story/script/gate.ts';
import type { GateSettings } from '../story/script/gate.ts';
import { planMadeStory } from '../story/plan/plan-story.ts';
import { rerolled } from '../story/script/script-edits.ts';
import { StoryLedger } from './ledger.ts';
import type { StoryResult } from './contracts.ts';
import type { StoryItem } from './item-tasks.ts';

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

const everyStage = ['base', 'interp', 'segment', 'transition', 'dissolve'];
const gate: GateSettings = { least: { imaging_quality: 0.5 }, retries: 1 };

/** A ledger of the story whose first shot is gated. */
function gated() {
  const [first, ...others] = script.shots;
  const ledger = new StoryLedger({ ...script, shots: [{ ...first!, gate }, ...others] }, exampleModels, 0);
  return { ledger, judged: ledger.undecided[0]! };
}

describe('a story ledger', () => {
  test('tells of the sound of a film as an item of its own, and of silence as none', () => {
    const rain = { source: 'rain.wav', key: 'a'.repeat(64), samples: 480_000 };
    const [first, ...others] = script.shots;
    const loud = { ...script, shots: [{ ...first!, sound: { file: rain } }, ...others] };
    const ledger = new StoryLedger(loud, exampleModels, 0);
    const items = (of: StoryLedger) => of.status('s').items.map(({ item, kind }) => `${kind} ${item}`);
    expect(items(ledger)).toEqual([...items(open()).slice(0, -1), 'sound sound', 'film film']);
    const sound = (): unknown => ledger.status('s').items.find(({ kind }) => kind === 'sound');
    const { mix } = ledger.plan.sound!;
    const only = { stage: 'sound', of: 1 };
    expect(sound()).toMatchObject({ stages: [{ ...only, done: 0 }] });
    ledger.record({ item: 'sound', stage: 'sound', state: 'done', result: resultOf(mix.key) });
    expect(sound()).toMatchObject({ stages: [{ ...only, done: 1 }] });
  });

  test('takes only what is running for under way', () => {
    const ledger = open();
    const stageOf = () => ledger.status('s').items[0]!.stages[0]!;
    const before = stageOf();
    ledger.record({ item: 'shot shot-0', stage: 'base', state: 'done', result: null });
    expect(stageOf()).toEqual(before);
    ledger.record({ item: 'shot shot-0', stage: 'base', state: 'running', result: null });
    expect(stageOf()).not.toEqual(before);
  });

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
    const [first] = script.shots;
    const { ledger, judged } = gated();
    const seed = first!.sampling.seed + 1;
    const decision = decideGate(first!.id, gate, [judgeTake(seed, { imaging_quality: 0.9 }, gate)]);
    const edited = rerolled(ledger.script, { shot: first!.id, seed: 70 });
    ledger.rewrite(ledger.planned(edited));
    ledger.decide(judged, decision);
    expect(ledger.gates).toEqual([]);
    expect(ledger.script.shots[0]!.sampling.seed).toBe(70);
    ledger.decide(ledger.undecided[0]!, decision);
    expect(ledger.gates).toEqual([decision]);
    expect(ledger.script.shots[0]!.sampling.seed).toBe(seed);
    expect(ledger.undecided).toEqual([]);
    expect(ledger.plan).toEqual(planMadeStory(ledger.script, exampleModels));
  });

  test('keeps what an edit does not touch (B2)', () => {
    const ledger = open();
    for (const item of ledger.items) finish(ledger, item, everyStage);
    expect(ledger.isReadyForFilm).toBe(true);
    const edited = rerolled(script, { shot: 'shot-0' });
    const next = ledger.planned(edited);
    expect(ledger.itemsMissingFrom(next)).toEqual(['shot shot-0', 'join shot-0+shot-1']);
    ledger.rewrite(next);
    expect(ledger.items.filter((item) => !ledger.isDone(item)).map(({ name }) => name)).toEqual([
      'shot shot-0',
      'join shot-0+shot-1',
    ]);
    ledger.rewrite(ledger.planned(script));
    expect(ledger.isReadyForFilm).toBe(true);
  });

  test('remembers who computed an artifact when another finds it later (B3)', () => {
    const ledger = open();
    const { base } = madeShots(ledger.plan)[0]!;
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

  test('is running, stitching when all is made, and then what it came to', () => {
    const ledger = open();
    const stateWith = (change: Partial<Pick<StoryLedger, 'paused' | 'cancelled' | 'failure' | 'film'>>): string => {
      const before = { paused: ledger.paused, cancelled: ledger.cancelled, failure: ledger.failure, film: ledger.film };
      Object.assign(ledger, change);
      const { state } = ledger;
      Object.assign(ledger, before);
      return state;
    };
    expect(ledger.state).toBe('running');
    finish(ledger, ledger.items[0]!, everyStage);
    expect([ledger.isReadyForFilm, ledger.state]).toEqual([false, 'running']);
    for (const item of ledger.items) finish(ledger, item, everyStage);
    expect(ledger.state).toBe('stitching');
    const film = { storyId: 'id', title: 'Example' } as StoryResult;
    expect(stateWith({ paused: true })).toBe('paused');
    expect(stateWith({ paused: true, cancelled: true })).toBe('cancelled');
    expect(stateWith({ cancelled: true, failure: 'words' })).toBe('failed');
    expect(stateWith({ failure: 'words', film })).toBe('done');
  });

  test('is not ready for the film while a gated shot is undecided, though its first take is whole', () => {
    const { ledger, judged } = gated();
    for (const item of ledger.items) finish(ledger, item, everyStage);
    expect([ledger.isReadyForFilm, ledger.numShotsDone]).toEqual([false, 3]);
    expect(ledger.canBegin(judged)).toBe(false);
    ledger.decide(judged, decideGate('shot-0', gate, [judgeTake(0, { imaging_quality: 0.9 }, gate)]));
    expect(ledger.isReadyForFilm).toBe(true);
  });

  test('lets nothing begin that rests on a take which nobody has decided for', () => {
    const { ledger, judged } = gated();
    const seine = itemOf(ledger, 'join shot-0+shot-1');
    const dissolve = itemOf(ledger, 'join shot-1+shot-2');
    for (const item of ledger.items) finish(ledger, item, everyStage);
    expect([ledger.hasInputs(seine), ledger.hasInputs(dissolve)]).toEqual([false, true]);
    ledger.decide(judged, decideGate('shot-0', gate, [judgeTake(0, { imaging_quality: 0.9 }, gate)]));
    expect(ledger.hasInputs(seine)).toBe(true);
  });

  test('holds a dissolve back from an interpolated clip that nobody has decided for', () => {
    const [first, second, ...others] = script.shots;
    const shots = [first!, { ...second!, gate, join: { kind: 'dissolve' } as const }, ...others];
    const ledger = new StoryLedger({ ...script, shots }, exampleModels, 0);
    for (const item of ledger.items) finish(ledger, item, everyStage);
    expect(ledger.hasInputs(itemOf(ledger, 'join shot-0+shot-1'))).toBe(false);
  });

  test('takes a decision for the shot that it names, and none for one that is not undecided', () => {
    const shots = script.shots.map((shot) => ({ ...shot, gate }));
    const ledger = new StoryLedger({ ...script, shots }, exampleModels, 0);
    const [, second] = ledger.undecided;
    const decision = decideGate('shot-1', gate, [judgeTake(40, { imaging_quality: 0.9 }, gate)]);
    ledger.decide(second!, decision);
    expect(ledger.undecided.map(({ name }) => name)).toEqual(['shot shot-0', 'shot shot-2']);
    expect(ledger.script.shots.map(({ sampling }) => sampling.seed)).toEqual([0, 40, 2]);
    ledger.decide(second!, decideGate('shot-1', gate, [judgeTake(41, { imaging_quality: 0.9 }, gate)]));
    expect(ledger.gates).toEqual([decision]);
    expect(ledger.story.gates).toEqual([decision]);
    expect(ledger.status('id').gates).toEqual([decision]);
  });

  test('tells what is known, by whom, and how far each stage is', () => {
    const ledger = open();
    const shot = itemOf(ledger, 'shot shot-0');
    const segments = shot.tasks.filter(({ task }) => task.stage === 'segment');
    ledger.begin('shot shot-0', 'child-7');
    ledger.record({ item: shot.name, stage: 'base', state: 'running', result: null });
    ledger.record({ item: shot.name, stage: 'interp', state: 'waiting', result: null });
    finish(ledger, shot, ['base']);
    ledger.record({
      item: shot.name,
      stage: 'segment',
      state: 'cached',
      result: resultOf(segments[0]!.task.key, true),
    });
    expect(ledger.known(ledger.tasks)).toEqual([shot.tasks[0]!.task.key, segments[0]!.task.key]);
    const status = ledger.status('story-7');
    expect(status.items[0]).toEqual({
      item: 'shot shot-0',
      kind: 'shot',
      childId: 'child-7',
      stages: [
        { stage: 'base', state: 'done', done: 1, of: 1 },
        { stage: 'interp', state: 'waiting', done: 0, of: 1 },
        { stage: 'segment', state: 'waiting', done: 1, of: 3 },
      ],
    });
    expect(status.items.at(-1)).toEqual({
      item: 'film',
      kind: 'film',
      childId: null,
      stages: [{ stage: 'film', state: 'waiting', done: 0, of: 1 }],
    });
    expect(status).toMatchObject({ storyId: 'story-7', tasksDone: 2, tasksOf: ledger.tasks.length, cacheHits: 1 });
    expect(status).not.toHaveProperty('gates');
    expect(ledger.story).toEqual({ script, models: exampleModels, startedMs: 0, runs: ledger.runs });
    expect(ledger.isDone(shot)).toBe(false);
    expect(ledger.numShotsDone).toBe(0);
    for (const segment of segments) {
      ledger.record({ item: shot.name, stage: 'segment', state: 'cached', result: resultOf(segment.task.key, true) });
    }
    expect(ledger.status('id').items[0]!.stages.at(-1)!.state).toBe('cached');
    ledger.rewrite(ledger.planned(script));
    expect(ledger.status('id').items[0]!.childId).toBe('child-7');
  });

  test('calls a stage cached only when all of it was found', () => {
    const ledger = open();
    const segments = itemOf(ledger, 'shot shot-0').tasks.filter(({ task }) => task.stage === 'segment');
    segments.forEach(({ task }, index) => {
      ledger.record({ item: 'shot shot-0', stage: 'segment', state: 'done', result: resultOf(task.key, index > 0) });
    });
    expect(ledger.status('id').items[0]!.stages.at(-1)!.state).toBe('done');
  });

  test('keeps what failed when the others of its item end', () => {
    const ledger = open();
    for (const stage of ['base', 'interp'] as const) {
      ledger.record({ item: 'shot shot-0', stage, state: 'running', result: null });
      ledger.end('shot shot-0', stage === 'base');
    }
    const [base, interp] = ledger.status('id').items[0]!.stages;
    expect([base!.state, interp!.state]).toEqual(['failed', 'waiting']);
  });

  test('names the items of which another plan makes any part anew', () => {
    const wider = { ...script, output: { ...script.output, width: 1920, height: 1080 } };
    expect(open().itemsMissingFrom(open().planned(wider))).toHaveLength(5);
  });
});
