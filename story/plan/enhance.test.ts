import { describe, expect, test } from '@jest/globals';
import { nameOf } from './task.ts';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { parseScript } from '../script/parse-script.ts';
import { clipTasks, segmentTasks, tasksOf } from './task-list.ts';
import { planMadeStory } from './plan-story.ts';
import type { ScriptProblem } from '../script/read-script.ts';

const story = (enhance: string, more = ''): string => `
title: Test
defaults: { seed: 1${more} }
shots:
  - { id: one, prompt: a red ball, enhance: ${enhance} }
  - { id: two, prompt: a blue boat }
`;
const parse = (text: string) => parseScript(text, { fileName: 'test.yaml' });
const plan = (text: string) => planMadeStory(parse(text), exampleModels);
const problemsOf = (work: () => unknown): readonly ScriptProblem[] => {
  try {
    work();
  } catch (error) {
    return (error as { details: { problems: ScriptProblem[] } }).details.problems;
  }
  return [];
};

describe('enhance in a script', () => {
  test.each([
    ['true', { scale: 2, time: 1, strength: 0.5, colour: 'wavelet' }],
    ['{ scale: 4 }', { scale: 4, time: 1, strength: 0.5, colour: 'wavelet' }],
    ['{ scale: 1.5, time: 4, strength: 1, colour: adain }', { scale: 1.5, time: 4, strength: 1, colour: 'adain' }],
  ])('%s', (written, settings) => {
    expect(parse(story(written)).shots.map(({ enhance }) => enhance)).toEqual([settings, undefined]);
  });

  test.each(['false', '{ strength: 0 }', '{ scale: 4, strength: 0 }'])('%s is off', (written) => {
    expect(parse(story(written)).shots[0]).not.toHaveProperty('enhance');
  });

  test('keys of a shot win over those of the defaults, one by one', () => {
    const script = parse(story('{ strength: 1 }', ', enhance: { scale: 3, strength: 0.2 }'));
    expect(script.shots.map(({ enhance }) => [enhance?.scale, enhance?.strength])).toEqual([
      [3, 1],
      [3, 0.2],
    ]);
    expect(parse(story('false', ', enhance: true')).shots[0]).not.toHaveProperty('enhance');
  });

  test.each([
    ['{ scale: 9 }', 'shots[0].enhance.scale', 'a number from 1 to 8'],
    ['{ strength: 2 }', 'shots[0].enhance.strength', 'a number from 0'],
    ['{ time: 9 }', 'shots[0].enhance.time', '1 enhances the interpolated clip, 4 makes'],
    ['{ time: 2.5 }', 'shots[0].enhance.time', '1 enhances the interpolated clip, 4 makes'],
    ['{ noise: 301 }', 'shots[0].enhance.noise', 'a number from 0 to 300'],
    ['{ as: book }', 'shots[0].enhance.as', 'as is paper'],
    ['{ sampler: ddim }', 'shots[0].enhance.sampler', 'dpmpp-2m-sde or heun'],
    ['{ colour: red }', 'shots[0].enhance.colour', 'wavelet, adain or none'],
    ['{ sclae: 2 }', 'shots[0].enhance.sclae', 'did you mean scale?'],
    ['much', 'shots[0].enhance', 'enhance is true, false, or a map'],
  ])('%s is refused at its place, with the rule', (written, path, rule) => {
    expect(problemsOf(() => parse(story(written)))).toEqual([
      expect.objectContaining({ path, message: expect.stringContaining(rule) as unknown }),
    ]);
  });
});

describe('the plan of an enhanced story', () => {
  const off = plan(story('false'));

  test('each segment has its frames enhanced first; the join is that of the shot it leads to', () => {
    const [one, two] = plan(story('{ strength: 0.5 }')).shots;
    expect(segmentTasks(one!).map(({ stage }) => stage)).toEqual(one!.segments.flatMap(() => ['enhance', 'segment']));
    expect(one?.enhance?.map(({ params }) => [params.from, params.count])).toEqual(
      off.shots[0]!.segments.map(({ params }) => [params.from, params.count]),
    );
    expect(one?.enhance?.[0]).toMatchObject({
      inputs: [nameOf(one!.interp)],
      params: { start: 450, steps: 7, hintNoise: 50, frames: 61, chunk: 9, keyStep: 1, prompt: 'a red ball' },
    });
    expect(one?.segments[1]).toMatchObject({ inputs: [nameOf(one!.enhance![1]!)], params: { from: 0 } });
    expect(two).not.toHaveProperty('enhance');
    expect(plan(story('true')).joins[0]).not.toHaveProperty('enhance');
  });

  test('full strength takes the fixed list of steps', () => {
    const [one] = plan(story('{ strength: 1 }')).shots;
    expect(one?.enhance?.[0]?.params).toMatchObject({ start: 899, steps: 14, list: 'fast', hintNoise: 200 });
  });

  test('frames share their noise where the set says so', () => {
    const enhancer = { ...exampleModels.enhancer!, sharedNoise: true };
    const shared = planMadeStory(parse(story('true')), { ...exampleModels, enhancer });
    expect(shared.shots[0]?.enhance?.[0]?.params).toHaveProperty('sharedNoise', true);
    expect(plan(story('true')).shots[0]?.enhance?.[0]?.params).not.toHaveProperty('sharedNoise');
  });

  test('time 4 takes the place of the interpolation', () => {
    const enhanced = plan(story('{ time: 4 }', ', join: cut'));
    const [one] = enhanced.shots;
    expect(clipTasks(one!).map(({ stage }) => stage)).toEqual(['base']);
    expect(one?.enhance?.[0]).toMatchObject({ inputs: [nameOf(one!.base)], params: { keyStep: 4, start: 899 } });
    expect(tasksOf(enhanced).filter(({ task }) => task.stage === 'interp')).toHaveLength(1);
    expect(enhanced.numFrames).toBe(122);
  });

  test('a dissolve still mixes interpolated frames', () => {
    const [one] = plan(story('{ time: 4 }', ', join: dissolve')).shots;
    expect(clipTasks(one!).map(({ stage }) => stage)).toEqual(['base', 'interp']);
  });

  test('a story without it keeps its keys', () => {
    const keys = (text: string) => tasksOf(plan(text)).map(({ task }) => task.key);
    expect(keys(story('{ strength: 0 }'))).toEqual(keys(story('false')));
    expect(off.shots[0]!.segments[0]!.params).not.toHaveProperty('upscaler');
  });

  test('lanczos needs no upscaler', () => {
    const text = `output: { upscaler: lanczos }\n${story('false')}`;
    const segment = plan(text).shots[0]?.segments[0];
    expect(segment).toMatchObject({ packages: {}, params: { upscaler: 'lanczos' } });
    expect(segment?.key).not.toBe(off.shots[0]?.segments[0]?.key);
  });

  test('a set without an enhancer, or one that does not go so far, says so', () => {
    const { enhancer, ...without } = exampleModels;
    expect(() => planMadeStory(parse(story('true')), without)).toThrow('has no enhance model and shots[0].enhance');
    const small = { ...exampleModels, enhancer: { ...enhancer!, maxScale: 2 } };
    expect(() => planMadeStory(parse(story('{ scale: 4 }')), small)).toThrow('shots[0].enhance.scale is 4');
  });
});

describe('an enhancer that runs as VEnhancer', () => {
  const published: typeof exampleModels = {
    ...exampleModels,
    enhancer: {
      frames: 32,
      sampler: { kind: 'dpmpp-2m-sde', steps: 14, guidance: 7.5, rescale: 0.2 },
      start: 899,
      hintNoise: 199,
      fastList: true,
      sharedNoise: false,
      maxScale: 8,
      maxTime: 9,
      loop: 'venhancer',
      told: 8,
      tile: { width: 160, height: 90 },
      suffix: 'Cinematic, 32k.',
      negative: 'painting, sketch',
    },
  };
  const enhanced = (enhance: string, more = '') => {
    const [shot] = planMadeStory(parse(story(enhance, more)), published).shots;
    return shot!.enhance!.map(({ params }) => params);
  };

  test('is told what its set says, and a script may say otherwise', () => {
    expect(enhanced('true')[0]).toMatchObject({
      prompt: 'a red ballCinematic, 32k.',
      negative: 'painting, sketch',
      told: 8,
      loop: 'venhancer',
      start: 450,
      hintNoise: 50,
      tile: { width: 160, height: 90 },
      chunk: 32,
      guidance: 7.5,
    });
    const said =
      '{ suffix: "in oil", negative: "", told: 4, noise: 300, tile: half, steps: 30, guidance: 5, sampler: heun }';
    const [params] = enhanced(said);
    expect(params).toMatchObject({
      prompt: 'a red ball in oil',
      negative: '',
      told: 4,
      hintNoise: 299,
      steps: 30,
      guidance: 5,
      sampler: 'heun',
      tile: { width: 80, height: 44 },
    });
    expect(params).not.toHaveProperty('list');
    expect(enhanced('{ suffix: "" }', ', negative: "rain"')[0]).toMatchObject({
      prompt: 'a red ball',
      negative: 'rain',
    });
  });

  test('as: paper is what the authors run, and what is said beside it wins', () => {
    expect(enhanced('{ as: paper }')[0]).toMatchObject({
      scale: 3,
      keyStep: 4,
      start: 899,
      hintNoise: 249,
      told: 8,
      list: 'fast',
      steps: 14,
      colour: 'none',
    });
    expect(enhanced('{ as: paper, scale: 2, noise: 0 }')[0]).toMatchObject({ scale: 2, hintNoise: 0 });
  });

  test.each([2, 3, 5, 8])('makes %i frames of one, and the film shows those at its pace', (time) => {
    const plan = planMadeStory(parse(story(`{ time: ${time} }`)), published);
    const [shot] = plan.shots;
    const last = 15 * time;
    expect(shot!.enhance!.map(({ params }) => [params.keyStep, params.frames])).toEqual(
      shot!.enhance!.map(() => [time, last + 1]),
    );
    const shown = shot!.segments.flatMap((segment, index) => {
      const { from, count, pace } = segment.params;
      const { origin, first, num, den } = pace!;
      const start = shot!.enhance![index]!.params.from;
      return Array.from(
        { length: count },
        (_, frame) => start + origin + Math.round(((first + from + frame) * num) / den),
      );
    });
    expect(shown).toEqual(Array.from({ length: 61 }, (_, frame) => Math.round((frame * time) / 4)));
    for (const { params } of shot!.enhance!) expect(params.from + params.count - 1).toBeLessThanOrEqual(last);
  });

  test('stories of sets that say nothing of it keep their recipes', () => {
    const [shot] = planMadeStory(parse(story('true')), exampleModels).shots;
    for (const key of ['loop', 'told', 'tile']) expect(shot!.enhance![0]!.params).not.toHaveProperty(key);
  });
});
