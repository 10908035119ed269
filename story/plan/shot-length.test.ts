import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../../test/fakes/example-story.ts';
import { framesIn } from '../script/film-frames.ts';
import { frameAt, interpolatedFrames } from './frame-runs.ts';
import { planMadeStory } from './plan-story.ts';
import type { MadeStoryPlan } from './plan-story.ts';
import type { Join, Shot, StoryScript } from '../script/script.ts';
import { keysOfShot } from './shot-length.ts';

/** A story of two shots of which the second is changed. */
const storyWith = (change: Partial<Shot>, fps = 24): StoryScript => {
  const story = exampleStory([exampleJoin, exampleJoin]);
  const [first, second] = story.shots as [Shot, Shot];
  return { ...story, output: { ...story.output, fps }, shots: [first, { ...second, ...change }] };
};
const planWith = (change: Partial<Shot>, fps = 24): MadeStoryPlan =>
  planMadeStory(storyWith(change, fps), exampleModels);
const prompts = [
  { at: 0, prompt: 'a rocket stands' },
  { at: 1, prompt: 'a rocket rises' },
];

describe('a shot of ten seconds', () => {
  const plan = planWith({ seconds: 10 });
  const [, shot] = plan.shots as [unknown, MadeStoryPlan['shots'][number]];

  test('has the key frames it needs and is cut to the frame', () => {
    expect(shot.base.params.frames).toBe(61);
    expect(shot.interp.params.frames).toBe(241);
    expect(plan.timeline.at(-1)).toMatchObject({ item: 'shot shot-1', firstFrame: 61 + 59, numFrames: 240 });
    expect(plan.numFrames).toBe(61 + 59 + 240);
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

  test('has at most three frames more in its clip than the film shows, or is one clip', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 80, noNaN: true }), (seconds) => {
        const frames = interpolatedFrames(keysOfShot({ seconds } as Shot, 24, 16));
        expect(frames).toBeGreaterThanOrEqual(framesIn(seconds, 24));
        if (frames > 61) expect(frames - framesIn(seconds, 24)).toBeLessThanOrEqual(3);
      }),
    );
  });

  test.each([8, 24, 25, 60])('may be the longest that messages name, at %p fps', (fps) => {
    const planned = (seconds: number): MadeStoryPlan =>
      planWith({ seconds, join: { kind: 'seine', prompt: 'x', known: 1, seconds: 1 } }, fps);
    const named = Number(/at most ([\d.]+) seconds/.exec(messageOf(() => planned(256)))?.[1]);
    const longest = planned(named).shots[1]?.base.params.frames;
    expect(longest).toBeGreaterThan(510);
    expect(longest).toBeLessThanOrEqual(512);
  });

  test.each<[Partial<Shot>, string, string]>([
    [
      { seconds: 100 },
      'shots[1].seconds',
      'is 100, which takes 601 base frames at 24 frames per second; a shot has at most 512; make it at most 85.2 seconds, or two shots',
    ],
    [
      { join: { kind: 'seine', prompt: 'x', known: 1, seconds: 3 } },
      'shots[1].join.seconds',
      'is 3, which is 72 frames; a transition of this model set has 59 here; make it at most 2.45 seconds',
    ],
    [
      { seconds: 3, join: { kind: 'continue', known: 4 } },
      'shots[1].seconds',
      'is 3, which is 72 frames; a shot with continue, animate or keyframes is made in one clip, of which it has 48 for itself; make it at most 2 seconds',
    ],
    [
      { seconds: 0.5, join: { kind: 'dissolve' } },
      'shots[1].seconds',
      'is 0.5, which is 12 frames; the joins on its sides take 12; make them shorter, or the shot 0.55 seconds long',
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

test('a join cannot keep more key frames of a shot than it shows', () => {
  const [first, second] = storyWith({}).shots as [Shot, Shot];
  const cut = {
    ...storyWith({}),
    shots: [
      { ...first, seconds: 0.3 },
      { ...second, join: { ...exampleJoin, known: 3 } },
    ],
  };
  expect(messageOf(() => planMadeStory(cut as StoryScript, exampleModels))).toContain(
    'shots[1].join.known is 3, and the shot before is so short that it has 2 key frames; make that shot longer, or known at most 2',
  );
});

describe('the length of a film', () => {
  const [first, second, third] = exampleStory([exampleJoin, exampleJoin, exampleJoin]).shots as [Shot, Shot, Shot];
  const seine = (seconds: number): Join => ({ kind: 'seine', prompt: 'x', known: 1, seconds });
  const joins: Record<string, (seconds: number) => Join> = {
    seine,
    'seine that keeps two keys': (seconds) => ({ ...seine(seconds), known: 2 }) as Join,
    dissolve: (seconds) => ({ kind: 'dissolve', seconds }),
    wipe: (seconds) => ({ kind: 'wipe', direction: 'left', seconds }),
    fade: (seconds) => ({ kind: 'fade', seconds }),
    cut: () => ({ kind: 'cut' }),
    continue: () => ({ kind: 'continue', known: 2 }),
  };
  const filmOf = (fps: number, join: Join, [a, b, c]: readonly [number, number, number]): MadeStoryPlan => {
    const shots = [
      { ...first, seconds: a },
      { ...second, seconds: b, join },
      { ...third, seconds: c, join },
    ];
    const script = exampleStory([exampleJoin]);
    return planMadeStory({ ...script, output: { ...script.output, fps }, shots }, exampleModels);
  };

  test.each(Object.keys(joins).flatMap((kind) => [24, 25, 30, 60, 24_000 / 1001].map((fps) => [kind, fps] as const)))(
    'with %s joins at %d fps is that of its shots and joins, to the frame (Q4)',
    (kind, fps) => {
      // One clip has 61 frames, of which a continued shot has seen some.
      const most = 50 / fps;
      const lengths = fc.double({ min: 0.6 * most, max: most, noNaN: true });
      fc.assert(
        fc.property(
          fc.tuple(lengths, lengths, lengths),
          fc.double({ min: 0.01, max: 0.2 * most, noNaN: true }),
          (seconds, s) => {
            const plan = filmOf(fps, joins[kind]!(s), seconds);
            const shots = seconds.reduce((sum, each) => sum + framesIn(each, fps), 0);
            const between = { seine: 1, dissolve: -1, wipe: -1, fade: 0, cut: 0, continue: 0 }[
              kind.split(' ')[0] as 'seine'
            ];
            expect(plan.numFrames).toBe(shots + 2 * between * framesIn(s, fps));
          },
        ),
        { numRuns: 15 },
      );
    },
  );

  test('a seine join begins behind the last key that the shot shows, and ends before the first of the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 61 }), fc.integer({ min: 1, max: 50 }), (shown, between) => {
        const plan = filmOf(24, seine(between / 24), [shown / 24, 1, 1]);
        const [shot] = plan.shots;
        const [join] = plan.joins;
        const last = shot!.segments.at(-1)!.params;
        const keys = (join!.work as { transition: { params: { ofFirst?: number } } }).transition.params.ofFirst ?? 16;
        expect(last.from + last.count).toBe(interpolatedFrames(keys));
        const frames = join!.segments.flatMap(({ params: { from, count, pace } }) =>
          Array.from({ length: count }, (_, index) =>
            pace === undefined ? from + index : frameAt(pace, from + index),
          ),
        );
        expect(frames).toHaveLength(between + (shown - interpolatedFrames(keys)));
        expect([frames[0]! >= 1, frames.at(-1)! <= 59]).toEqual([true, true]);
        const steps = [0, ...frames, 60]
          .map((frame, index, all) => (all[index + 1] ?? Number.NaN) - frame)
          .slice(0, -1);
        expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('an enhanced join enhances the frames that it shows and those between them', () => {
    const enhance = { scale: 2, time: 1, strength: 0.5, colour: 'wavelet' } as const;
    const script = exampleStory([exampleJoin]);
    const shots = [first, { ...second, enhance, join: seine(1) }];
    const [join] = planMadeStory({ ...script, shots }, exampleModels).joins;
    const [task] = join!.enhance!;
    const { from, count, pace } = join!.segments[0]!.params;
    const shown = Array.from({ length: count }, (_, index) => frameAt(pace!, from + index));
    expect([shown[0], shown.at(-1)]).toEqual([0, task!.params.count - 1]);
    expect([task!.params.from, task!.params.from + task!.params.count - 1]).toEqual([2, 58]);
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
