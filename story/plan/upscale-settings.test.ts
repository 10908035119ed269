import { describe, expect, test } from '@jest/globals';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../../test/fakes/example-story.ts';
import { planStory } from './plan-story.ts';
import { segmentTasks } from './task-list.ts';
import type { ModelSetRef } from '../models/model-set.ts';
import type { SegmentTask } from './task.ts';
import { upscaleParams, wordsAt } from './upscale-settings.ts';

const denoising: ModelSetRef = {
  ...exampleModels,
  upscaler: {
    frames: 8,
    sampler: { kind: 'ddim', steps: 50, guidance: 5 },
    noiseLevel: 50,
    negative: 'blur, worst quality',
  },
};
const words = { prompt: 'a {boat} sails', negative: '', seed: 7 };
const segmentsOf = (models: ModelSetRef): SegmentTask[] => {
  const { shots, joins } = planStory(exampleStory([{ kind: 'cut' }, exampleJoin, { kind: 'dissolve' }]), models);
  return [...shots, ...joins].flatMap((item) => segmentTasks(item).filter((task) => task.stage === 'segment'));
};

describe('upscaleParams', () => {
  test('says nothing for an upscaler that does not denoise', () => {
    expect(upscaleParams(exampleModels, words)).toBeNull();
  });

  test('takes words and seed from the clip and all else from the model', () => {
    expect(upscaleParams(denoising, words)).toEqual({
      prompt: 'a boat sails',
      negative: 'blur, worst quality',
      seed: 7,
      sampler: 'ddim',
      steps: 50,
      guidance: 5,
      rescale: 0,
      noiseLevel: 50,
      chunk: 8,
    });
  });

  test('goes away from the words of the clip too', () => {
    expect(upscaleParams(denoising, { ...words, negative: 'fog' })?.negative).toBe('blur, worst quality, fog');
  });

  test('keeps several prompts, in plain words', () => {
    const prompts = [
      { at: 0, prompt: 'a {boat}' },
      { at: 1, prompt: 'a storm' },
    ];
    expect(upscaleParams(denoising, { ...words, prompts })?.prompts?.map(({ prompt }) => prompt)).toEqual([
      'a boat',
      'a storm',
    ]);
  });
});

test.each([
  [0.2, 'a calm sea'],
  [0.5, 'a storm'],
  [0.9, 'a storm'],
])('a piece in whose middle is %d of the clip is told the prompt that holds there', (middle, prompt) => {
  const prompts = [
    { at: 0, prompt: 'a calm sea' },
    { at: 0.5, prompt: 'a storm' },
  ];
  expect(wordsAt({ ...words, prompts }, middle)).toEqual({ prompt, negative: '', seed: 7 });
});

describe('the segments of a plan', () => {
  test('carry what a denoising upscaler needs, with the length of the clip that they are cut from', () => {
    const segments = segmentsOf(denoising);
    expect(new Set(segments.map(({ params }) => params.diffusion?.frames))).toEqual(new Set([61, 12]));
    expect(segments.every(({ params: { from, count, diffusion } }) => from + count <= (diffusion?.frames ?? 0))).toBe(
      true,
    );
  });

  test('are as they were for every other upscaler', () => {
    expect(segmentsOf(exampleModels).every(({ params }) => !('diffusion' in params))).toBe(true);
  });

  test('an enhanced clip is upscaled segment by segment, each by itself', () => {
    const story = exampleStory([{ kind: 'cut' }]);
    const shots = story.shots.map((shot) => ({
      ...shot,
      enhance: { scale: 2, time: 1, strength: 0.5, colour: 'wavelet' } as const,
    }));
    const [shot] = planStory({ ...story, shots }, denoising).shots;
    expect(shot?.segments.length).toBeGreaterThan(1);
    for (const { params } of shot?.segments ?? []) expect(params.diffusion?.frames).toBe(params.count);
  });
});
