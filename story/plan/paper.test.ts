import { describe, expect, test } from '@jest/globals';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { parseScript } from '../script/parse-script.ts';
import { planMadeStory } from './plan-story.ts';

const story = (shot: string, defaults = '{ seed: 1 }'): string =>
  `title: Test\ndefaults: ${defaults}\nshots:\n  - { id: one, prompt: a red ball, ${shot} }\n`;
const { base, interp } = exampleModels.denoisers;
const published: typeof exampleModels = {
  ...exampleModels,
  denoisers: {
    ...exampleModels.denoisers,
    base: {
      ...base!,
      paper: { sampler: { kind: 'ddpm', steps: 250, guidance: 8 }, suffix: ', slow motion.', negative: 'None' },
    },
    interp: { ...interp!, paper: { sampler: { kind: 'ddim', steps: 50, guidance: 4 }, suffix: ', 4k.' } },
  },
};
const plan = (text: string, models = published) => {
  const [shot] = planMadeStory(parseScript(text, { fileName: 'test.yaml' }), models).shots;
  return { base: shot!.base.params, interp: shot!.interp.params };
};

describe('as: paper', () => {
  test('is the sampler, the steps and the words of the authors, for each model', () => {
    const made = plan(story('as: paper'));
    expect(made.base).toMatchObject({
      as: 'paper',
      sampler: 'ddpm',
      steps: 250,
      guidance: 8,
      prompt: 'a red ball, slow motion.',
      negative: 'None',
    });
    expect(made.interp).toMatchObject({ as: 'paper', sampler: 'ddim', steps: 50, guidance: 4 });
    expect(made.interp.prompt).toBe('a red ball, slow motion., 4k.');
  });

  test('gives way to what the shot says', () => {
    const made = plan(story('as: paper, steps: 9, guidance: 2, sampler: heun, negative: rain'));
    expect(made.base).toMatchObject({ as: 'paper', sampler: 'heun', steps: 9, guidance: 2, negative: 'rain' });
  });

  test('holds for a whole story by its defaults', () => {
    expect(plan(story('steps: 3', '{ as: paper }')).base).toMatchObject({ as: 'paper', steps: 3 });
  });

  test('is refused of a set that does not say how its authors sample', () => {
    expect(() => plan(story('as: paper'), exampleModels)).toThrow(/shots\[0\]\.as is paper, and the base package/);
  });

  test('is not in the recipes of other stories', () => {
    expect(plan(story('steps: 3')).base).not.toHaveProperty('as');
  });
});

describe('FreeNoise', () => {
  test('takes windows, strides, weights and noise from the script', () => {
    const long = 'seconds: 5, freenoise:';
    expect(plan(story(`${long} { window: 8, stride: 2, weights: sawtooth, noise: repeat }`)).base.freenoise).toEqual({
      length: 8,
      stride: 2,
      weights: 'sawtooth',
      noise: 'repeat',
    });
    expect(plan(story(`${long} { noise: shuffle }`)).base.freenoise).toEqual({
      length: 16,
      stride: 4,
      weights: 'pyramid',
    });
    expect(plan(story(`${long} { window: 6, stride: 9 }`)).base.freenoise).toMatchObject({ length: 6, stride: 6 });
  });
});
