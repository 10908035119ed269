import { describe, expect, test } from '@jest/globals';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../../test/fakes/example-story.ts';
import type { OutputSettings, Shot, StoryScript } from '../script/script.ts';
import { clipSizeFor, focusesOf, hasShape, shapeWarning } from './framing.ts';
import { planMadeStory } from './plan-story.ts';
import { tasksOf } from './task-list.ts';

const clip = { width: 256, height: 144 };
const upright: OutputSettings = { width: 1080, height: 1920, fps: 24 };

const story = (output: OutputSettings, ...changes: Partial<Shot>[]): StoryScript => {
  const script = exampleStory([exampleJoin, exampleJoin, exampleJoin]);
  return { ...script, output, shots: script.shots.map((shot, index) => ({ ...shot, ...changes[index] })) };
};
const framings = (script: StoryScript, item: number) => {
  const { shots, joins } = planMadeStory(script, exampleModels);
  const { segments } = [...shots, ...joins][item]!;
  return segments.map(({ params }) => params.framing);
};

describe('a film of the shape of its clips', () => {
  test.each([
    [3840, 2160],
    [854, 480],
    [640, 360],
  ])('%dx%d has tasks without framing, and so the keys that it always had', (width, height) => {
    expect(hasShape(clip, { width, height })).toBe(true);
    const segments = tasksOf(planMadeStory(story({ width, height, fps: 24 }), exampleModels)).map(
      ({ task }) => task.params,
    );
    expect(segments.filter((params) => 'framing' in params || 'shown' in params)).toEqual([]);
  });
});

describe('a film of another shape', () => {
  test('crops its clips in the middle', () => {
    expect(framings(story(upright), 0)).toEqual([0, 1, 2].map(() => ({ kind: 'crop', focus: 0.5 })));
  });

  test('pads them where the script says so', () => {
    expect(framings(story({ ...upright, fit: 'pad' }), 0)).toEqual([0, 1, 2].map(() => ({ kind: 'pad' })));
  });

  test('looks where a shot says, and pans in the join to one that looks elsewhere', () => {
    const script = story(upright, { focus: 0.25 }, { focus: 1 }, { focus: 1 });
    expect(framings(script, 0)).toEqual([0, 1, 2].map(() => ({ kind: 'crop', focus: 0.25 })));
    const [first, second, third] = [0, 20, 40].map((frame) => ({
      kind: 'crop',
      focus: 0.25,
      pan: { to: 1, frames: 59, first: frame },
    }));
    expect(framings(script, 3)).toEqual([first, second, third]);
    expect(framings(script, 4)).toEqual([0, 1, 2].map(() => ({ kind: 'crop', focus: 1 })));
  });

  test('keeps a shot that goes on where the one before looks', () => {
    const { shots } = story(upright);
    const continued: Shot = { ...shots[1]!, join: { kind: 'continue', known: 4 } };
    expect(focusesOf([{ ...shots[0]!, focus: 0 }, continued, shots[2]!])).toEqual([0, 0, 0.5]);
    expect(
      focusesOf([
        { ...shots[0]!, focus: 0 },
        { ...continued, focus: 1 },
      ]),
    ).toEqual([0, 0]);
  });

  test('shows its pictures cropped to its own shape, in the place that it shows', () => {
    const picture = { source: 'a.png', key: 'a'.repeat(64) };
    const given = { pictures: [{ frame: 0, from: 'animate', picture }], focus: 0.2 } as const;
    const shown = (output: OutputSettings) =>
      planMadeStory(story(output, given), exampleModels).shots[0]?.pictures?.[0]?.task.params.shown;
    expect(shown(upright)).toEqual({ width: 1080, height: 1920, focus: 0.2 });
    expect(shown({ ...upright, fit: 'pad' })).toBeUndefined();
    expect(shown({ width: 640, height: 360, fps: 24 })).toBeUndefined();
  });

  test('says how much of the clips it shows', () => {
    expect(shapeWarning(clip, upright)).toBe(
      'output is 1080x1920 and the clips of the model set are 256x144: the film shows 32 % of their width; ' +
        'choose which part by focus, or say fit: pad for bars',
    );
    expect(shapeWarning(clip, { width: 3840, height: 1606, fps: 24 })).toContain('shows 74 % of their height');
    expect(shapeWarning(clip, { ...upright, fit: 'pad' })).toBeNull();
    expect(shapeWarning(clip, { width: 640, height: 360, fps: 24 })).toBeNull();
  });
});

describe('a model set that offers clips of several shapes', () => {
  const shapes = [
    { width: 144, height: 256 },
    { width: 192, height: 192 },
  ];
  const several = { ...exampleModels, shapes };
  const sizes = [exampleModels.native, ...shapes];

  test.each([
    [upright, sizes[1]],
    [{ width: 1000, height: 1250, fps: 24 }, sizes[2]],
    [{ width: 1080, height: 1080, fps: 24, fit: 'pad' as const }, sizes[2]],
    [{ width: 3840, height: 1606, fps: 24 }, sizes[0]],
    [{ width: 1920, height: 1080, fps: 24 }, sizes[0]],
  ])('makes a film of %j from the nearest', (output, nearest) => {
    expect(clipSizeFor(several, output)).toEqual(nearest);
  });

  test('and of two that are as near from that of its base model, then from the first', () => {
    const twice = [{ width: 512, height: 288 }, ...shapes, { width: 384, height: 384 }];
    expect(clipSizeFor({ ...exampleModels, shapes: twice }, { width: 640, height: 360 })).toEqual(sizes[0]);
    expect(clipSizeFor({ ...exampleModels, shapes: twice }, { width: 640, height: 640 })).toEqual(sizes[2]);
  });

  test('plans every clip, picture and transition in that shape, with nothing lost where it is that of the film', () => {
    const picture = { source: 'a.png', key: 'a'.repeat(64) };
    const plan = planMadeStory(story(upright, { pictures: [{ frame: 0, from: 'animate', picture }] }), several);
    const tasks = tasksOf(plan).map(({ task }) => task);
    const clips = tasks.filter((task) => 'latentWidth' in task.params);
    expect(clips.map(({ params }) => params)).toEqual(
      clips.map(() => expect.objectContaining({ latentWidth: 9, latentHeight: 16 }) as unknown),
    );
    expect(new Set(clips.map(({ stage }) => stage))).toEqual(new Set(['base', 'completion', 'interp', 'transition']));
    expect(plan.shots[0]?.pictures?.[0]?.task.params).toEqual({ picture: picture.key, width: 144, height: 256 });
    expect(tasks.filter(({ params }) => 'framing' in params)).toEqual([]);
  });

  test('has the keys that it always had for films in the shape of its base model', () => {
    const script = story({ width: 1920, height: 1080, fps: 24 });
    expect(tasksOf(planMadeStory(script, several))).toEqual(tasksOf(planMadeStory(script, exampleModels)));
  });
});
