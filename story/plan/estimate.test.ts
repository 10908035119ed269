import { describe, expect, test } from '@jest/globals';
import { estimateStory, pocketCosts, secondsOf } from './estimate.ts';
import type { Machines, StageCost, StageCosts } from './estimate.ts';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../../test/fakes/example-story.ts';
import { planMadeStory } from './plan-story.ts';
import { tasksOf } from './task-list.ts';
import type { EnhanceTask } from './task.ts';
import type { Join } from '../script/script.ts';

const second: StageCost = { fixed: 1, perStep: 0, perFrame: 0, perMegapixel: 0 };
const seconds = Object.fromEntries(Object.keys(pocketCosts).map((stage) => [stage, second])) as unknown as StageCosts;
const machines: Machines = { costs: seconds };
const planOf = (...joins: Join[]) => planMadeStory(exampleStory([exampleJoin, ...joins]), exampleModels);

describe('the estimate of a story', () => {
  test('adds up steps, frames and pixels per stage', () => {
    const { stages } = estimateStory(planOf(), {});
    const segment = stages.find(({ stage }) => stage === 'segment');
    expect(segment).toMatchObject({ tasks: 3, cached: 0 });
    expect(segment?.seconds).toBeCloseTo(3 * 0.3 + 61 * 8.2944 * pocketCosts.segment.perMegapixel, 6);
    expect(stages.find(({ stage }) => stage === 'base')?.seconds).toBeCloseTo(0.3 + 25 * pocketCosts.base.perStep, 6);
    expect(stages.map(({ stage }) => stage)).toEqual(['base', 'interp', 'segment', 'film']);
  });

  test('of a shot of many clips is that of many, and its windows cost more', () => {
    const [usual, long] = [{}, { seconds: 10.5 }].map((length) => {
      const story = exampleStory([exampleJoin]);
      return planMadeStory({ ...story, shots: [{ ...story.shots[0]!, ...length }] }, exampleModels).shots[0]!.base;
    });
    const cost = { ...second, perStep: 0.1, clipFrames: 16 };
    expect(long!.params.frames).toBe(64);
    expect(secondsOf(usual!, cost)).toBeCloseTo(1 + 25 * 0.1, 6);
    // Four clips of 16 frames, in windows that overlap: 1.7 times the work, as `bench/freenoise.ts` measured at 64 frames.
    expect(secondsOf(long!, cost)).toBeCloseTo(1 + 4 * 25 * 0.1 * 1.7, 6);
    expect(secondsOf(long!, second)).toBe(1);
  });

  test('of an enhanced segment counts its steps for both calls of a guided model, for chunks that overlap, and its area', () => {
    const taskWith = (guidance: number, scale: number): EnhanceTask =>
      ({ stage: 'enhance', params: { steps: 10, guidance, scale, count: 24 }, inputs: [] }) as never;
    const cost = { fixed: 1, perStep: 0.01, perFrame: 0.5, perMegapixel: 0 };
    // A frame of a segment of 24 is worked on 2.6 times.
    expect(secondsOf(taskWith(1, 1), cost)).toBeCloseTo(1 + (0.01 * 10 * 2.6 + 0.5) * 24, 6);
    expect(secondsOf(taskWith(0, 1), cost)).toBeCloseTo(1 + (0.01 * 10 * 2.6 + 0.5) * 24, 6);
    expect(secondsOf(taskWith(7, 2), cost)).toBeCloseTo(1 + (0.01 * 10 * 2 * 2.6 + 0.5) * 24 * 4, 6);
  });

  test('waits for inputs and for free workers', () => {
    // base, interp, three segments after each other, film
    expect(estimateStory(planOf(), machines).wallSeconds).toBe(6);
    expect(estimateStory(planOf(), { ...machines, workers: { sr: 3 } }).wallSeconds).toBe(4);
  });

  test('lets stages of different shots overlap, but not on one shared device', () => {
    const plan = planOf({ kind: 'cut' }, exampleJoin, { kind: 'dissolve' });
    const apart = estimateStory(plan, machines);
    const together = estimateStory(plan, { ...machines, shared: true });
    expect(together.wallSeconds).toBe(together.busySeconds);
    expect(apart.busySeconds).toBe(together.busySeconds);
    expect(apart.wallSeconds).toBeLessThan(together.wallSeconds);
  });

  test('counts what exists as free, and a film that exists takes no time', () => {
    const plan = planOf(exampleJoin);
    const keys = tasksOf(plan).map(({ task }) => task.key);
    const all = estimateStory(plan, machines, new Set(keys));
    expect([all.busySeconds, all.wallSeconds]).toEqual([0, 0]);
    expect(all.stages.every((stage) => stage.cached === stage.tasks)).toBe(true);
    const some = estimateStory(plan, machines, new Set(plan.shots.map((shot) => shot.base.key)));
    expect(some.stages[0]).toEqual({ stage: 'base', tasks: 2, cached: 2, seconds: 0 });
  });

  test('counts an artifact that two shots share once', () => {
    const story = exampleStory([exampleJoin, { kind: 'cut' }]);
    const [shot] = story.shots;
    const twins = {
      ...story,
      shots: story.shots.map((other) => ({ ...shot, id: other.id, join: other.join })),
    } as typeof story;
    expect(estimateStory(planMadeStory(twins, exampleModels), machines).stages[0]).toMatchObject({
      stage: 'base',
      tasks: 1,
    });
  });

  test('of the longest story is soon there', () => {
    const plan = planOf(...Array.from({ length: 119 }, () => exampleJoin));
    expect(estimateStory(plan, machines).busySeconds).toBe(120 * 5 + 119 * 5 + 1);
  });
});
