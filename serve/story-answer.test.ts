import { describe, expect, test } from '@jest/globals';
import { exampleActivity, exampleSnapshot, exampleStatus } from '../test/fakes/example-snapshot.ts';
import { exampleAnswer } from '../test/fakes/example-moment.ts';
import { storyAnswer as schema } from './answers.ts';
import { itemState } from './story-answer.ts';

describe('the answer about a story', () => {
  test('keeps to its schema, and has shots and joins in the order of the film', () => {
    const answer = exampleAnswer();
    expect(schema.parse(answer)).toEqual(answer);
    expect(answer.items.map(({ name }) => name)).toEqual(['shot dawn', 'join dawn+storm', 'shot storm', 'film']);
    expect(answer).toMatchObject({ state: 'running', eta_seconds: 12, progress: { done: 4, of: 14, cache_hits: 1 } });
  });

  test('a shot has its words, its seed and its place in the film', () => {
    const [dawn, join, storm] = exampleAnswer().items;
    expect(dawn).toMatchObject({ prompt: 'a red boat', seed: 3, editable: true, first_frame: 0, kind: 'shot' });
    expect(join).toMatchObject({ seed: null, editable: false, join: 'seine', first_frame: dawn!.frames });
    expect(storm!.first_frame).toBe(dawn!.frames! + join!.frames!);
  });

  test('work that no worker has taken is in a queue; work that runs says how far it is', () => {
    const [dawn, join, storm] = exampleAnswer().items;
    expect([dawn!.state, join!.state, storm!.state]).toEqual(['running', 'running', 'queued']);
    expect(join!.stages[0]).toEqual({ stage: 'transition', state: 'running', done: 0.48, of: 1, note: 'step 12/25' });
  });

  test('an item has a poster as soon as its frames are made, under an address that changes with them', () => {
    const [dawn, join, storm] = exampleAnswer().items;
    expect(dawn!.poster).toMatch(
      /^\/v1\/stories\/story-lighthouse-0123456789ab\/items\/shot%20dawn\/poster\?v=[0-9a-f]{12}$/,
    );
    expect(dawn!.preview).toMatch(/\/preview\?v=[0-9a-f]{12}$/);
    expect([join!.poster, storm!.poster]).toEqual([null, null]);
  });

  test('frames that a worker has counted to the last are not there before its task is done', () => {
    const progress = { unit: 'frame', done: 61, of: 61 } as const;
    const activities = new Map([['shot storm', [exampleActivity({ work: 'interp', progress })]]]);
    const storm = exampleAnswer({ snapshot: { ...exampleSnapshot(), activities } }).items[2];
    expect(storm).toMatchObject({
      state: 'running',
      poster: null,
      stages: [{}, { stage: 'interp', done: 1, of: 1 }, {}],
    });
  });

  test('what is tried again is told with its reason', () => {
    const activities = new Map([
      ['shot storm', [exampleActivity({ work: 'interp', attempt: 3, lastFailure: 'the engine died' })]],
    ]);
    const { items } = exampleAnswer({ snapshot: { ...exampleSnapshot(), activities } });
    expect(items.map(({ trouble }) => trouble)).toEqual([
      null,
      null,
      'shot storm, interp: attempt 3: the engine died',
      null,
    ]);
  });

  test.each([
    ['TERMINATED', 'terminated'],
    ['TIMED_OUT', 'timed_out'],
    ['CANCELLED', 'cancelled'],
    ['COMPLETED', 'done'],
    ['FAILED', 'failed'],
  ])('a workflow that is %s is a story that is %s, whatever it last said of itself', (workflow, state) => {
    const answer = exampleAnswer({ workflow, endMs: Date.UTC(2026, 0, 2, 3, 5) });
    expect(answer).toMatchObject({ state, ended_at: '2026-01-02T03:05:00.000Z' });
    // Nothing runs in a story that is over.
    expect(answer.items.flatMap(({ stages }) => stages.filter((stage) => stage.state === 'running'))).toEqual([]);
  });

  test('a failed story says where, why and what to do', () => {
    const failure = {
      kind: 'failed',
      item: 'storm',
      stage: 'interp',
      code: 'NUMERIC_INVALID',
      message: '3 pixels are NaN',
      nextStep: 'reroll the shot',
    } as const;
    expect(exampleAnswer({ workflow: 'FAILED', failure }).failure).toEqual({
      item: 'storm',
      stage: 'interp',
      code: 'NUMERIC_INVALID',
      message: '3 pixels are NaN',
      next: 'reroll the shot',
    });
  });

  test('a story that was cancelled is no failure', () => {
    const failure = {
      kind: 'cancelled',
      item: null,
      stage: null,
      code: 'INTERNAL',
      message: 'cancelled',
      nextStep: '',
    } as const;
    const snapshot = { ...exampleSnapshot(), status: exampleStatus({ failure: 'shot dawn was cancelled' }) };
    expect(exampleAnswer({ workflow: 'CANCELLED', failure, snapshot }).failure).toBeNull();
  });
});

test.each([
  [['done', 'cached'], 'done'],
  [['cached', 'cached'], 'cached'],
  [['done', 'running'], 'running'],
  [['done', 'queued', 'waiting'], 'queued'],
  [['running', 'failed'], 'failed'],
  [['done', 'waiting'], 'waiting'],
  [[], 'waiting'],
] as const)('stages that are %j make an item that is %s', (states, expected) => {
  expect(itemState(states.map((state) => ({ state })))).toBe(expected);
});
