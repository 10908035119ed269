import { expect, test } from '@jest/globals';
import { clipsOfSuite, questionsOf } from './prompt-questions.ts';

const of = (prompt_en: string, dimension: Parameters<typeof questionsOf>[0]['dimension'], auxiliary_info: object) =>
  questionsOf({ prompt_en, dimension, auxiliary_info });

test('labels become questions in the dimensions that a prompt is there for', () => {
  expect(of('a bird and a cat', ['multiple_objects'], { object: 'bird and cat' })).toEqual({
    multiple_objects: 'bird and cat',
  });
  expect(of('a bird', ['object_class', 'overall_consistency'], { object: 'bird' })).toEqual({ object_class: 'bird' });
  expect(of('a boat, oil painting', ['appearance_style'], { appearance_style: 'oil painting' })).toEqual({
    appearance_style: 'oil painting',
  });
  expect(of('a boat', ['subject_consistency'], { object: 'boat' })).toEqual({});
});

test('the object of a colour is that of the prompt, if the labels name none', () => {
  expect(of('a red bicycle', ['color'], { color: 'red' })).toEqual({ color: { object: 'bicycle', color: 'red' } });
  expect(of('one red thing', ['color'], { color: 'red', object: 'boat' })).toEqual({
    color: { object: 'boat', color: 'red' },
  });
});

test('a relation keeps whether its sides count', () => {
  const relation = { object_a: 'cat', object_b: 'dog', relationship: 'on the left of' };
  const labels = { spatial_relationship: { spatial_relationship: relation } };
  const asked = { objectA: 'cat', objectB: 'dog', relationship: 'on the left of' };
  expect(of('a cat', ['spatial_relationship'], labels)).toEqual({ spatial_relationship: asked });
  expect(of('a cat', ['spatial_relationship'], { ...labels, sides: true })).toEqual({
    spatial_relationship: { ...asked, sides: true },
  });
});

test('a prompt that is there for flicker alone has five times as many clips, and they must stand still', () => {
  expect(of('a still life', ['temporal_flickering'], {})).toEqual({ still: true });
  expect(of('a still life', ['temporal_flickering', 'background_consistency'], {})).toEqual({});
  const suite = [
    { prompt_en: 'a', dimension: ['temporal_flickering' as const] },
    { prompt_en: 'b', dimension: ['color' as const] },
  ];
  expect(clipsOfSuite(suite, 5)).toBe(25 + 5);
});
