import { expect, test } from '@jest/globals';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { exampleModels } from '../../test/fakes/example-models.ts';
import type { ModelSetRef } from '../models/model-set.ts';
import { parseScript } from './parse-script.ts';
import { planMadeStory } from '../plan/plan-story.ts';
import { reworded } from './script-edits.ts';
import type { StoryScript } from './script.ts';

const hero = { image: 'hero.png', word: 'boat' };
const parse = (story: object): StoryScript => parseScript(JSON.stringify(story), { fileName: 'story.json' });

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    return (error.details['problems'] as { message: string }[]).map(({ message }) => message);
  }
  return [];
}

const shot = (more: object = {}): object => ({ id: 'one', prompt: 'a {hero} sails', ...more });

test.each<[string, object, RegExp]>([
  ['an unknown name', { shots: [shot()] }, /^shots\[0\]\.prompt names \{hero\}; the story has no subjects/],
  [
    'an unused subject',
    { subjects: { hero, other: hero }, shots: [shot()] },
    /^subjects\.other is in no prompt; write \{other\} where it shall appear, or take it out$/,
  ],
  [
    'two subjects in a prompt',
    { subjects: { hero, other: hero }, shots: [shot({ prompt: 'a {hero} and a {other}' })] },
    /^shots\[0\]\.prompt names 2 subjects; a shot shows at most one/,
  ],
  [
    'two subjects in the prompts of a shot',
    { subjects: { hero, other: hero }, shots: [{ id: 'one', prompts: { 0: 'a {hero}', 1: 'a {other}' } }] },
    /^shots\[0\]\.prompts names the subjects hero, other; all prompts of a shot name the same one/,
  ],
  [
    'a subject and a first picture',
    { subjects: { hero }, shots: [shot({ animate: 'a.png' })] },
    /^shots\[0\]\.animate is there, and the prompt names a subject; .* take one of the two out$/,
  ],
  [
    'a subject and a continued shot',
    { subjects: { hero }, shots: [shot(), { id: 'two', prompt: 'a {hero} sails', continue: true }] },
    /^shots\[1\]\.continue is there, and the prompt names a subject/,
  ],
  [
    'a name in a negative prompt',
    { subjects: { hero }, shots: [shot({ negative: '{hero}' })] },
    /^shots\[0\]\.negative names \{hero\}; only the prompt of a shot can name a subject/,
  ],
  [
    'a name in the prompt of a join',
    { subjects: { hero }, defaults: { join: { kind: 'seine', prompt: 'to {hero}' } }, shots: [shot()] },
    /^defaults\.join\.prompt names \{hero\}/,
  ],
  [
    'a bad name',
    { subjects: { 'The Hero': hero }, shots: [{ id: 'one', prompt: 'a boat' }] },
    /^subjects\."The Hero" is a map; the name of a subject has 1 to 40 lower-case letters/,
  ],
  [
    'no word',
    { subjects: { hero: { image: 'a.png' } }, shots: [shot()] },
    /subjects\.hero\.word is missing; word says/,
  ],
  [
    'a wrong key',
    { subjects: { hero: { ...hero, masks: 'a.png' } }, shots: [shot()] },
    /subjects\.hero\.masks is not a key of a subject; did you mean mask\?/,
  ],
  ['a list', { subjects: [hero], shots: [shot()] }, /subjects is a list of 1; subjects is a map of 1 to 32 names/],
  [
    'too many',
    {
      subjects: Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`s${String(index)}`, hero])),
      shots: [shot({ prompt: 'a {s0}' })],
    },
    /subjects is a map; subjects is a map of 1 to 32 names/,
  ],
])('%s is refused with its path', (_, story, message) => {
  expect(problemsOf(() => parse(story))).toContainEqual(expect.stringMatching(message));
});

const models: ModelSetRef = {
  ...exampleModels,
  packages: { ...exampleModels.packages, subject: { name: 'example-subject', version: '1', digest: 's'.repeat(64) } },
  denoisers: { ...exampleModels.denoisers, subject: exampleModels.denoisers.base! },
};

const read = (script: StoryScript): StoryScript => ({
  ...script,
  subjects: script.subjects?.map((each) => ({ ...each, picture: { ...each.picture, key: 'f'.repeat(64) } })) ?? [],
});

test('a shot with a subject is made by the subject model from its picture; its in-betweens read plain words', () => {
  const script = read(parse({ subjects: { hero }, shots: [shot(), { id: 'two', prompt: 'a red ball' }] }));
  const { shots } = planMadeStory(script, models);
  expect(shots[0]).toMatchObject({
    prompt: 'a {hero} sails',
    subject: 'hero',
    base: {
      stage: 'base',
      params: { prompt: 'a {boat} sails', subject: 'f'.repeat(64) },
      inputs: [{ stage: 'upload', key: 'f'.repeat(64) }],
    },
    interp: { params: { prompt: 'a boat sails' } },
  });
  expect(Object.keys(shots[0]!.base.packages).sort()).toEqual(['subject', 'text', 'vae']);
  expect(shots[0]!.interp.params).not.toHaveProperty('subject');
  expect(shots[1]!.base.params).not.toHaveProperty('subject');
  expect(Object.keys(shots[1]!.base.packages).sort()).toEqual(['base', 'text']);
});

test('a set without a subject model says so', () => {
  const script = read(parse({ subjects: { hero }, shots: [shot()] }));
  expect(() => planMadeStory(script, exampleModels)).toThrow(/has no subject package; this story needs one/);
});

test('another word or picture is another clip, the name is not', () => {
  const keyOf = (subjects: object, name = 'hero', picture = 'f'): string => {
    const script = parse({ subjects, shots: [shot({ prompt: `a {${name}} sails` })] });
    const told = script.subjects!.map((each) => ({ ...each, picture: { ...each.picture, key: picture.repeat(64) } }));
    return planMadeStory({ ...script, subjects: told }, models).shots[0]!.base.key;
  };
  const key = keyOf({ hero });
  expect(keyOf({ other: hero }, 'other')).toBe(key);
  expect(keyOf({ hero: { ...hero, word: 'ship' } })).not.toBe(key);
  expect(keyOf({ hero }, 'hero', 'e')).not.toBe(key);
});

test('a running story takes new words with a subject of its own, and no others', () => {
  const script = read(
    parse({ subjects: { hero }, shots: [shot(), { id: 'two', prompt: 'a ball', animate: 'ball.png' }] }),
  );
  expect(reworded(script, { shot: 'one', prompt: 'a {hero} stands still' }).shots[0]?.prompt).toBe(
    'a {hero} stands still',
  );
  expect(() => reworded(script, { shot: 'one', prompt: 'a {villain}' })).toThrow(/prompt names \{villain\}/);
  expect(() => reworded(script, { shot: 'two', prompt: 'a {hero}' })).toThrow(/two is made from given frames/);
});

test('an alternative base is a part of the story, with or without the name of its set', () => {
  const shots = [{ id: 'one', prompt: 'a red ball' }];
  expect(parse({ models: { base: 'latte' }, shots })).toMatchObject({
    models: 'pocket',
    alternatives: { base: 'latte' },
  });
  expect(parse({ models: { set: 'large', base: 'latte' }, shots })).toMatchObject({ models: 'large' });
  expect(parse({ models: { set: 'large' }, shots })).not.toHaveProperty('alternatives');
  expect(problemsOf(() => parse({ models: { bass: 'latte' }, shots }))).toEqual([
    'models.bass is not a key of models; did you mean base?',
  ]);
});

test('FreeU on a model that has nothing for it to work on is refused, for the shots which that model makes', () => {
  const plain: ModelSetRef = {
    ...models,
    denoisers: { ...models.denoisers, base: { ...models.denoisers.base!, freeu: false } },
  };
  const script = (freeu: unknown): StoryScript =>
    parse({ models: { base: 'latte' }, defaults: { freeu }, shots: [{ id: 'one', prompt: 'a red ball' }] });
  const message =
    'shots[0].freeu is on, and the base model of "example" with base latte has no skip connections for it to work on; take freeu out of the shot and of defaults, or choose another base';
  expect(problemsOf(() => planMadeStory(script(true), plain))).toEqual([message]);
  expect(problemsOf(() => planMadeStory(script({ b1: 1, b2: 1.2, s1: 1, s2: 1 }), plain))).toEqual([message]);
  expect(problemsOf(() => planMadeStory(script({ b1: 1, b2: 1, s1: 1, s2: 1 }), plain))).toEqual([]);
  expect(problemsOf(() => planMadeStory(script(false), plain))).toEqual([]);
  expect(problemsOf(() => planMadeStory(script(true), models))).toEqual([]);
});
