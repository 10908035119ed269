import { describe, expect, test } from '@jest/globals';
import { exampleModels } from '../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../test/fakes/example-story.ts';
import { planStory } from '../story/plan/plan-story.ts';
import { exampleActivity, exampleItem, exampleStatus } from '../test/fakes/example-snapshot.ts';
import { expectedMsOf, noPace, observePace, remainingMs } from './pace.ts';
import type { LiveActivity, StorySnapshot } from './story-snapshot.ts';
import type { ItemStatus } from '../workflows/contracts.ts';

function snapshot(items: readonly ItemStatus[], activities: Record<string, LiveActivity[]> = {}): StorySnapshot {
  return { status: exampleStatus({ items }), activities: new Map(Object.entries(activities)) };
}

const atWork = (work: LiveActivity['work'], done: number): LiveActivity[] => [
  exampleActivity({ work, progress: { unit: 'step', done, of: 10 } }),
];

describe('the time that is left', () => {
  test('is unknown before a stage that is still to come was measured', () => {
    const first = snapshot([exampleItem('shot a', ['base', 'running', 0, 1], ['interp', 'waiting', 0, 1])], {
      'shot a': atWork('base', 0),
    });
    const second = snapshot([exampleItem('shot a', ['base', 'running', 0, 1], ['interp', 'waiting', 0, 1])], {
      'shot a': atWork('base', 5),
    });
    expect(remainingMs(noPace)).toBeNull();
    expect(remainingMs(observePace(observePace(noPace, first, 0), second, 1000))).toBeNull();
  });

  test('is open tasks times the measured pace', () => {
    const at = (done: number) =>
      snapshot([exampleItem('shot a', ['base', 'running', 0, 1])], { 'shot a': atWork('base', done) });
    const pace = observePace(observePace(noPace, at(0), 0), at(5), 5000);
    expect(remainingMs(pace)).toBe(5000);
  });

  test('counts two workers of a pool as one that is twice as fast', () => {
    const at = (done: number) =>
      snapshot(
        ['a', 'b', 'c', 'd'].map((id) => exampleItem(`shot ${id}`, ['base', 'running', 0, 1])),
        { 'shot a': atWork('base', done), 'shot b': atWork('base', done) },
      );
    const pace = observePace(observePace(noPace, at(0), 0), at(5), 5000);
    // One task's worth was done in 5 s, three are open.
    expect(remainingMs(pace)).toBe(15_000);
  });

  test('does not take time in a queue for work', () => {
    const queued = snapshot([exampleItem('shot a', ['base', 'running', 0, 1])], {
      'shot a': [exampleActivity({ work: 'base', started: false })],
    });
    const at = (done: number) =>
      snapshot([exampleItem('shot a', ['base', 'running', 0, 1])], { 'shot a': atWork('base', done) });
    let pace = observePace(noPace, queued, 0);
    pace = observePace(pace, queued, 60_000);
    pace = observePace(pace, at(0), 60_000);
    pace = observePace(pace, at(5), 65_000);
    expect(remainingMs(pace)).toBe(5000);
  });

  test('expects of a stage that nobody saw what the seen ones are off their estimates', () => {
    const at = (done: number) =>
      snapshot(
        [exampleItem('shot a', ['base', 'running', 0, 1]), exampleItem('join a+b', ['transition', 'waiting', 0, 1])],
        { 'shot a': atWork('base', done) },
      );
    const pace = observePace(observePace(noPace, at(0), 0), at(5), 5000);
    expect(remainingMs(pace)).toBeNull();
    // Base takes twice its estimate, so half a task of it (5 s) and a transition of 3 s that will take 6 s.
    expect(remainingMs(pace, { base: 5000, transition: 3000 })).toBe(11_000);
  });

  test('the estimate of a plan has every stage that the story needs', () => {
    const expected = expectedMsOf(planStory(exampleStory([exampleJoin, exampleJoin]), exampleModels));
    expect(Object.keys(expected).sort()).toEqual(['base', 'film', 'interp', 'segment', 'transition']);
  });

  test('is nothing when everything is done', () => {
    const pace = observePace(noPace, snapshot([exampleItem('shot a', ['base', 'cached', 1, 1])]), 0);
    expect(remainingMs(pace)).toBe(0);
  });
});
