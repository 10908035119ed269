import { expect, test } from '@jest/globals';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../../test/fakes/example-story.ts';
import type { Join, StoryScript } from '../script/script.ts';
import { planMadeStory } from './plan-story.ts';

/** A join as it was recorded before joins had seconds. */
const recorded = { kind: 'seine', prompt: 'smooth transition', known: 1 } as Join;
const withSeconds = (script: StoryScript, seconds: number): StoryScript => ({
  ...script,
  shots: script.shots.map((shot) => ({ ...shot, seconds })),
});

test('a recorded seine join without seconds shows all of its clip', () => {
  const [now, before] = [exampleJoin, recorded].map((join) =>
    planMadeStory(exampleStory([join, join, join]), exampleModels),
  );
  expect({ ...before, scriptHash: '' }).toEqual({ ...now, scriptHash: '' });
  // The hash is that of the script as it was recorded.
  expect(before!.scriptHash).not.toBe(now!.scriptHash);
});

test('behind a shot that lends it frames it shows no more than its clip has', () => {
  const plan = planMadeStory(withSeconds(exampleStory([recorded, recorded]), 51 / 24), exampleModels);
  const [join] = plan.joins;
  const lent = plan.shots[0]!.cut!.lent;
  expect(lent).toBeGreaterThan(0);
  expect(plan.timeline.find(({ item }) => item === `join ${join!.id}`)?.numFrames).toBe(59);
});
