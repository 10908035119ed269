import { expect, test } from '@jest/globals';
import { exampleModels } from '../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../test/fakes/example-story.ts';
import { StoryLedger } from './ledger.ts';
import { planOutline } from './plan-outline.ts';

test('the outline of a plan counts the tasks of each shot and join by stage, and has the facts of the film', () => {
  const ledger = new StoryLedger(exampleStory([exampleJoin, { kind: 'dissolve' }]), exampleModels, 0);
  const { plan, items } = ledger;
  const outline = planOutline(ledger);
  expect(outline).toEqual({
    title: plan.title,
    scriptHash: plan.scriptHash,
    output: plan.output,
    timeline: plan.timeline,
    numFrames: plan.numFrames,
    seconds: plan.seconds,
    filmKey: plan.film.key,
    items: expect.any(Array) as unknown,
  });
  expect(outline.items.map(({ item }) => item)).toEqual(items.map(({ name }) => name));
  const segments = plan.shots[0]!.segments.length;
  expect(segments).toBeGreaterThan(1);
  expect(outline.items.find(({ item }) => item === 'shot shot-0')?.tasks).toEqual({
    base: 1,
    interp: 1,
    segment: segments,
  });
});
