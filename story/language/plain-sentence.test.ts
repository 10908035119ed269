import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseVocabulary } from '../models/vocabulary.ts';
import { wordsOf } from '../script/phrases.ts';
import { languageSchema } from './language.ts';
import { plainSentence } from './plain-sentence.ts';
import { SentenceReader } from './read-sentence.ts';

const models = new URL('../../models/', import.meta.url);
const json = (path: string): unknown => JSON.parse(readFileSync(new URL(path, models), 'utf8'));
const vocabulary = parseVocabulary(json('packages/pocket-text/vocabulary.json'));
const language = languageSchema.parse((json('sets/pocket.json') as { language: unknown }).language);
const reader = new SentenceReader(vocabulary, language);
const plain = (text: string) => plainSentence(reader.read(text), vocabulary, language);
const { kinds, canDo, canBeAt, verbs } = vocabulary;

/** A sentence as the pocket models learned them: what is said where and how, in one of four orders. */
const learned = fc
  .constantFrom(...Object.keys(kinds['object']!))
  .chain((object) =>
    fc.record({
      object: fc.constant(object),
      noun: fc.constantFrom(...kinds['object']![object]!),
      size: fc.constantFrom('', ...Object.values(kinds['size']!).flat()),
      colour: fc.constantFrom(...Object.keys(kinds['colour']!)),
      place: fc.constantFrom(...canBeAt[object]!.flatMap((place) => kinds['place']![place]!)),
      sky: fc.constantFrom(...Object.values(kinds['sky']!).flat()),
      motion: fc
        .constantFrom(...canDo[object]!)
        .chain((word) =>
          fc.constantFrom(
            ...kinds['motion']![word]!.map((verb) => ({ word, verb })),
            ...(verbs[object] !== undefined && (word === 'left' || word === 'right')
              ? [{ word, verb: `${verbs[object]} to the ${word}` }]
              : []),
          ),
        ),
      order: fc.constantFrom('plain', 'sky first'),
    }),
  )
  .map(({ object, noun, size, colour, place, sky, motion, order }) => {
    const thing = ['a', size, colour, noun].filter(Boolean).join(' ');
    const isOver = object === 'balloon' || ['rise', 'fall'].includes(motion.word);
    const where = `${isOver ? 'over' : 'on'} ${place}`;
    const core = motion.word === 'pan' ? `${thing} ${where}` : `${thing} ${motion.verb} ${where}`;
    const tail = motion.word === 'pan' ? ` ${motion.verb}` : '';
    return order === 'plain' ? `${core} ${sky}${tail}` : `${sky}, ${core}${tail}`;
  });

describe('the nearest sentence that models learned', () => {
  test('leaves what they learned as it is', () => {
    fc.assert(
      fc.property(learned, (text) => {
        const sentence = reader.read(text);
        expect([sentence.unknown, sentence.cannot, plain(text)?.changes]).toEqual([[], [], []]);
      }),
    );
  });

  test('is one that needs no other, whatever is said', () => {
    const known = [...Object.values(kinds), ...Object.values(language.alsoSaid)].flatMap((words) =>
      Object.values(words).flat(),
    );
    const pieces = fc.constantFrom(
      ...new Set(known.flatMap(wordsOf)),
      ...[
        'the',
        'in',
        'across',
        'no',
        'two',
        'black',
        'dragon',
        'slowly',
        'and',
        'from',
        'left',
        'right',
        'swimming',
        'balls',
      ],
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), (words) => {
        const first = plain(words.join(' '));
        if (first === null) return;
        const { unknown, cannot } = reader.read(first.text);
        expect([unknown, cannot, plain(first.text)]).toEqual([[], [], { text: first.text, changes: [] }]);
      }),
    );
  });

  test.each([
    // The sentences that were tried on the pocket set and came out wrong by a preposition alone.
    ['a white house stands still in the snow at night', 'a white house stands still on the snow at night'],
    ['a big green ball falls on the meadow on a sunny day', 'a big green ball falls over the meadow on a sunny day'],
    ['an orange rocket rises on the beach at sunset', 'an orange rocket rises over the beach at sunset'],
    ['a blue rocket comes down on the street at night', 'a blue rocket comes down over the street at night'],
    ['a purple balloon on the meadow by day', 'a purple balloon over the meadow by day'],
    // Other orders, forms of verbs, synonyms, passive and plural.
    ['At night, a blue robot hops happily in a snowy field', 'a blue robot hops on a snowy field at night'],
    [
      'A tiny red car is driving from left to right along the road in the rain',
      'a tiny red car drives to the right on the road in a storm',
    ],
    [
      'a yellow duckling is swimming across the pond towards the right under a blue sky',
      'a yellow duck swims to the right on the sea under a blue sky',
    ],
    ['There is a lonely cabin on a snow-covered field, at dawn.', 'a house on the snow at sunset'],
    ['The ball is bouncing up and down in the grass', 'a ball bounces on the grass on a sunny day'],
    ['a boat is seen while it sails right across the ocean', 'a boat sails right on the ocean on a sunny day'],
    ['two robots walk to the right at midday', 'a robot walks to the right on the meadow on a sunny day'],
    ['a boat on the meadow', 'a boat on the sea on a sunny day'],
    [
      'a green tree in the snow, and the camera pans to the right',
      'a green tree on the snow on a sunny day and the camera pans right',
    ],
    ['a rocket takes off from the beach into the night sky', 'a rocket rises over the beach at night'],
  ])('of %p is %p', (text, better) => {
    const found = plain(text);
    expect(found?.text).toBe(better);
    expect(found?.changes).not.toEqual([]);
  });

  test('says what it leaves out and why', () => {
    expect(plain('two black ducks sail with no house in the snow')?.changes).toEqual([
      expect.stringMatching(/^"two" is left out, which is more than one thing/),
      expect.stringMatching(/^"black" is left out, which is none of their colours: red, /),
      expect.stringMatching(/^"ducks" is left out, which are more than one thing/),
      expect.stringMatching(/^"sail" is left out, which does not say which way/),
      expect.stringMatching(/^"no" is left out, which takes nothing away/),
      '"house" is left out, which is not shown, so need not be said',
      '"ducks" is "duck"',
      '"in the snow" is "on the snow"',
    ]);
  });

  test.each([
    'no boat',
    'no boats on the sea',
    'without a boat at night',
    'not the big red boat',
    'a street with no car',
  ])('does not show what %p takes away', (text) => {
    expect(plain(text)).toBeNull();
  });

  test('shows what is not taken away', () => {
    expect(plain('a house without a tree at night')?.text).toBe('a house on the meadow at night');
    expect(plain('no clouds and a boat on the sea')?.text).toContain('a boat on the sea');
  });

  test('is not there for what names nothing that they know', () => {
    expect(plain('a black cat sleeps on the sofa')).toBeNull();
    expect(plain('')).toBeNull();
  });
});
