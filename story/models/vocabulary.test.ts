import { describe, expect, test } from '@jest/globals';
import { exampleJoin, exampleStory } from '../../test/fakes/example-story.ts';
import type { StoryScript } from '../script/script.ts';
import { parseVocabulary, warnUnknownWords } from './vocabulary.ts';

const vocabulary = parseVocabulary({
  kinds: {
    object: { ball: ['ball', 'beach ball'], boat: ['boat', 'ship'] },
    colour: { red: ['red'], blue: ['blue'] },
    place: { sea: ['the sea', 'the water'], beach: ['the beach', 'the sand'] },
    motion: { right: ['moves right', 'goes to the right'], bounce: ['bounces'], rise: ['goes up'] },
  },
  verbs: { boat: 'sails' },
  canDo: { ball: ['bounce', 'right'], boat: ['right'] },
  canBeAt: { ball: ['beach'], boat: ['sea'] },
});

const warningsFor = (prompt: string): string[] => {
  const [shot] = exampleStory([exampleJoin]).shots;
  const script = { ...exampleStory([exampleJoin]), shots: [{ ...shot, prompt }] } as StoryScript;
  return warnUnknownWords(script, vocabulary).map(({ message }) => message);
};

describe('the words of prompts', () => {
  test.each([
    'a red boat sails to the right on the sea',
    'A blue beach ball bounces, on the sand',
    'the ship goes to the right',
  ])('are no worry in %p', (prompt) => {
    expect(warningsFor(prompt)).toEqual([]);
  });

  test.each([
    ['a red dragon and a ball', 'shots[0].prompt says "dragon", which the models do not know'],
    ['a red bota on the sea with a ball', 'did you mean "boat"?'],
    ['red on the sea', 'shots[0].prompt names no thing that the models know; they know ball, boat'],
    ['a boat on the sand', 'has a boat at "beach", which the models never saw; they saw sea'],
    ['a boat bounces on the sea', 'has a boat in motion "bounce", which the models never saw; they saw right'],
    ['', 'names no thing'],
  ])('are warned of in %p', (prompt, expected) => {
    expect(warningsFor(prompt)).toContainEqual(expect.stringContaining(expected));
  });

  test('name the shot', () => {
    const script = exampleStory([exampleJoin, exampleJoin]);
    expect(warnUnknownWords(script, vocabulary)[0]).toMatchObject({ path: 'shots[0].prompt', shot: 'shot-0' });
  });

  test.each([null, { kinds: { object: { ball: 'ball' } } }, []])(
    'that are not a vocabulary are MODEL_INVALID: %p',
    (json) => {
      expect(() => parseVocabulary(json)).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }));
    },
  );

  test('may come without verbs and combinations', () => {
    expect(parseVocabulary({ kinds: {} })).toEqual({ kinds: {}, verbs: {}, canDo: {}, canBeAt: {} });
  });
});
