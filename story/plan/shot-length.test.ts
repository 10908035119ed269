import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../../test/fakes/example-story.ts';
import { interpolatedFrames } from './frame-runs.ts';
import { planStory } from './plan-story.ts';
import type { StoryPlan } from './plan.ts';
import type { Shot, StoryScript } from '../script/script.ts';
import { keysOfShot } from './shot-length.ts';

/** A story of two shots of which the second is changed. */
const storyWith = (change: Partial<Shot>, fps = 24): StoryScript => {
  const story = exampleStory([exampleJoin, exampleJoin]);
  const [first, second] = story.shots as [Shot, Shot];
  return { ...story, output: { ...story.output, fps }, shots: [first, { ...second, ...change }] };
};
const planWith = (change: Partial<Shot>, fps = 24): StoryPlan => planStory(storyWith(change, fps), exampleModels);
const prompts = [
  { at: 0, prompt: 'a rocket stands' },
  { at: 1, prompt: 'a rocket rises' },
];

describe('a shot of ten seconds', () => {
  const plan = planWith({ seconds: 10 });
  const [, shot] = plan.shots as [unknown, StoryPlan['shots'][number]];

  test('has the key frames it needs and plays to the last one', () => {
    expect(shot.base.params.frames).toBe(61);
    expect(shot.interp.params.frames).toBe(241);
    expect(plan.timeline.at(-1)).toMatchObject({ item: 'shot shot-1', firstFrame: 61 + 59, numFrames: 241 });
    expect(plan.numFrames).toBe(61 + 59 + 241);
  });

  test('is sampled with FreeNoise and interpolated in chunks that share a key frame', () => {
    expect(shot.base.params.freenoise).toEqual({ length: 16, stride: 4, weights: 'pyramid' });
    expect(shot.interp.params.chunks).toEqual({ length: 61, stride: 60 });
    expect(shot.interp.params).not.toHaveProperty('freenoise');
  });

  test('is sampled in one window when it says so, and fused flat when it says so', () => {
    expect(planWith({ seconds: 10, freenoise: false }).shots[1]?.base.params).not.toHaveProperty('freenoise');
    const flat = planWith({ seconds: 10, freenoise: { weights: 'flat' } });
    expect(flat.shots[1]?.base.params.freenoise?.weights).toBe('flat');
  });

  test('leaves the tasks of the other shot as they are, and its join too', () => {
    const usual = planWith({});
    expect(plan.shots[0]).toEqual(usual.shots[0]);
    expect(plan.joins[0]?.work).toMatchObject({
      transition: { params: { frames: 16 } },
      interp: { params: { frames: 61 } },
    });
  });
});

describe('the length of a shot', () => {
  test('is one clip without seconds, and one for each prompt', () => {
    expect(planWith({}).shots[1]?.base.params.frames).toBe(16);
    const { base, interp, prompt } = planWith({ prompts }).shots[1]!;
    expect([base.params.frames, interp.params.frames]).toEqual([32, 125]);
    expect([base.params.prompts, interp.params.prompts]).toEqual([prompts, prompts]);
    expect(prompt).toBe('a rocket stands → a rocket rises');
  });

  test('is at least the seconds asked for and at most three frames more, ending with a key', () => {
    fc.assert(
      fc.property(fc.double({ min: 2.6, max: 80, noNaN: true }), fc.integer({ min: 24, max: 24 }), (seconds, fps) => {
        const frames = interpolatedFrames(keysOfShot({ seconds } as Shot, fps, 16));
        expect(frames - Math.round(seconds * fps)).toBeGreaterThanOrEqual(0);
        expect(frames - Math.round(seconds * fps)).toBeLessThanOrEqual(3);
      }),
    );
  });

  test.each([8, 24, 25, 60])('may be the shortest and the longest that messages name, at %p fps', (fps) => {
    const named = (change: Partial<Shot>): number =>
      Number(/at (?:least|most) ([\d.]+) seconds/.exec(messageOf(() => planWith(change, fps)))?.[1]);
    expect(planWith({ seconds: named({ seconds: 0.5 }) }, fps).shots[1]?.base.params.frames).toBe(16);
    const longest = planWith({ seconds: named({ seconds: 256 }) }, fps).shots[1]?.base.params.frames;
    expect(longest).toBeGreaterThan(510);
    expect(longest).toBeLessThanOrEqual(512);
  });

  test.each<[Partial<Shot>, string, string]>([
    [
      { seconds: 2 },
      'shots[1].seconds',
      'is 2, which takes 13 base frames at 24 frames per second; a clip has 16; make it at least 2.55 seconds, or take it out',
    ],
    [
      { seconds: 100 },
      'shots[1].seconds',
      'is 100, which takes 601 base frames at 24 frames per second; a shot has at most 512; make it at most 85.2 seconds, or two shots',
    ],
    [
      { freenoise: { weights: 'pyramid' } },
      'shots[1].freenoise',
      'is on for a shot of 16 base frames; FreeNoise joins windows of 16, so it needs 17 or more; give the shot more than 2.55 seconds, or take freenoise out',
    ],
  ])('%j is a problem of the script', (change, path, finding) => {
    expect(() => planWith(change)).toThrow(
      expect.objectContaining({
        code: 'SCRIPT_INVALID',
        details: { problems: [{ path, line: null, message: `${path} ${finding}` }] },
      }),
    );
  });
});

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}
