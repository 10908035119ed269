import { describe, expect, test } from '@jest/globals';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { exampleStory } from '../../test/fakes/example-story.ts';
import { interpolatedClip, keyClip, planMeasure } from './plan-measure.ts';
import { nameOf } from './task.ts';
import { planMadeStory } from './plan-story.ts';

const [shot] = planMadeStory(exampleStory([{ kind: 'cut' }]), exampleModels).shots;

describe('a clip that is measured', () => {
  test('as the base model makes it is decoded and nothing more, at a quarter of the pace of a film', () => {
    const { tasks, frames, fps } = keyClip(shot!, 24, exampleModels);
    expect(tasks.map(({ stage }) => stage)).toEqual(['base', 'decode']);
    expect(frames).toMatchObject({ inputs: [nameOf(shot!.base)], params: { frames: 16 } });
    expect(Object.keys(frames.packages)).toEqual(['vae']);
    expect(fps).toBe(6);
  });

  test('as a film shows it is interpolated', () => {
    const { tasks, frames, fps } = interpolatedClip(shot!, 24);
    expect(tasks.map(({ stage }) => stage)).toEqual(['base', 'interp']);
    expect(frames.key).toBe(shot!.interp.key);
    expect(fps).toBe(24);
  });

  test('also of a shot that is shown without its interpolation', () => {
    expect(interpolatedClip({ ...shot!, skipsInterp: true }, 24).tasks.at(-1)!.key).toBe(shot!.interp.key);
  });
});

test('a measure holds what models that read words are asked, as far as the set has them', () => {
  const clip = keyClip(shot!, 24, exampleModels);
  const asked = { appearance_style: 'oil painting' };
  const plain = planMeasure(clip, 'a boat', exampleModels);
  expect(planMeasure(clip, 'a boat', exampleModels, asked)).toEqual(plain);
  const readers = { ...exampleModels, packages: { ...exampleModels.packages, 'image-text': plain.packages.text! } };
  const task = planMeasure(clip, 'a boat', readers, asked);
  expect(task.params.asked).toEqual(asked);
  expect(task.key).not.toBe(planMeasure(clip, 'a boat', readers).key);
});

test('a measure has the frames, the pace and the words of its clip, and another key for other ones', () => {
  const of = (prompt: string) => planMeasure(keyClip(shot!, 24, exampleModels), prompt, exampleModels);
  expect(of('a boat')).toMatchObject({ params: { prompt: 'a boat', fps: 6, frames: 16 }, packages: { text: {} } });
  expect(of('a boat').key).toBe(of('a boat').key);
  expect(of('a car').key).not.toBe(of('a boat').key);
});
