import { describe, expect, test } from '@jest/globals';
import { exampleJoin, exampleStory } from '../../test/fakes/example-story.ts';
import { parseVocabulary } from '../models/vocabulary.ts';
import type { Shot } from '../script/script.ts';
import { languageSchema } from './language.ts';
import { betterPrompts, warnPrompts } from './prompt-warnings.ts';

const vocabulary = parseVocabulary({
  kinds: {
    object: { ball: ['ball'], boat: ['boat'] },
    place: { sea: ['the sea'], beach: ['the beach'] },
    motion: { rise: ['rises'], right: ['moves right'] },
  },
});
const language = languageSchema.parse({
  alsoSaid: { object: { boat: ['yacht'] } },
  over: { motion: ['rise'] },
  cannot: { black: 'is no colour of theirs' },
});

function scriptOf(change: Partial<Shot>) {
  const script = exampleStory([exampleJoin]);
  return { ...script, shots: script.shots.slice(0, 1).map((shot) => ({ ...shot, ...change })) };
}
const messages = (change: Partial<Shot>, words = { vocabulary, language }): string[] =>
  warnPrompts(scriptOf(change), words).map(({ message }) => message);

describe('warnings of prompts', () => {
  test('are none for sentences that were learned', () => {
    expect(messages({ prompt: 'a ball rises over the beach' })).toEqual([]);
  });

  test('offer the nearest sentence, and what is said otherwise in it', () => {
    expect(messages({ prompt: 'a yacht in the sea' })).toEqual([
      'shots[0].prompt is better said "a boat on the sea": "yacht" is "boat"; "in the sea" is "on the sea"; --rewrite takes it',
    ]);
  });

  test('name the nearest word for one that is not known', () => {
    expect(messages({ prompt: 'a ball on the baech' })).toEqual([
      expect.stringContaining('did you mean "beach"?'),
      'shots[0].prompt is better said "a ball"; --rewrite takes it',
    ]);
  });

  test('say what there is where nothing known is named', () => {
    expect(messages({ prompt: 'a black cat' })).toEqual([
      expect.stringContaining('says "cat"'),
      'shots[0].prompt says "black", which is no colour of theirs',
      'shots[0].prompt names no thing that the models know; they know ball, boat',
    ]);
  });

  test('speak of words alone where a set does not say how its sentences are built', () => {
    const [only, ...others] = warnPrompts(scriptOf({ prompt: 'a yacht in the sea with a ball' }), { vocabulary });
    expect([only?.message, others]).toEqual([expect.stringContaining('says "yacht"'), []]);
  });

  test('of shots with several prompts name each, and offer no rewrite that there is not', () => {
    const prompts = [
      { at: 0, prompt: 'a boat on the sea' },
      { at: 0.5, prompt: 'a yacht on the sea' },
    ];
    const change = { prompt: 'a boat on the sea', prompts };
    expect(messages(change)).toEqual(['shots[0].prompts."0.5" is better said "a boat on the sea": "yacht" is "boat"']);
    expect(betterPrompts(scriptOf(change), { vocabulary, language })).toEqual([]);
  });
});

test('better prompts are those that the warnings offer; prompts with a subject stay', () => {
  const of = (prompt: string) => betterPrompts(scriptOf({ prompt }), { vocabulary, language });
  expect(of('a yacht in the sea')).toEqual([{ shot: 'shot-0', from: 'a yacht in the sea', to: 'a boat on the sea' }]);
  expect(of('a boat on the sea')).toEqual([]);
  expect(of('a {hero} in the sea')).toEqual([]);
  expect(of('a cat')).toEqual([]);
  expect(betterPrompts(scriptOf({ prompt: 'a yacht' }), { vocabulary })).toEqual([]);
});
