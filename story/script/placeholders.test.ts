import { describe, expect, test } from '@jest/globals';
import { cutAtSubject, inWords, nameProblem, namesIn, plainPrompt, subjectOf, tellingWord } from './placeholders.ts';
import { parseScript } from './parse-script.ts';

describe('names in braces', () => {
  test('are found in order, and gone in plain words', () => {
    expect(namesIn('a {hero} meets {other} and a { lone brace')).toEqual(['hero', 'other']);
    expect(plainPrompt('a {rubber duck} swims')).toBe('a rubber duck swims');
  });

  test('cut a prompt into what stands before, the word, and what stands behind', () => {
    expect(cutAtSubject('a small {boat} sails')).toEqual({ before: 'a small ', word: 'boat', after: ' sails' });
    expect(cutAtSubject('a boat sails')).toBeNull();
  });

  test.each([
    ['a {hero} sails', ['hero'], null],
    ['a boat', [], null],
    ['a {hero} sails', [], /^names \{hero\}; the story has no subjects; add it under subjects/],
    ['a {heros} sails', ['hero', 'house'], /the subjects of the story are hero, house/],
    ['a {hero} and a {house}', ['hero', 'house'], /^names 2 subjects; a shot shows at most one/],
  ])('%p with subjects %p', (prompt, subjects, problem) => {
    if (problem === null) expect(nameProblem(prompt, subjects)).toBeNull();
    else expect(nameProblem(prompt, subjects)).toMatch(problem);
  });
});

describe('a shot with a subject', () => {
  const story = parseScript(
    JSON.stringify({
      subjects: { hero: { image: 'hero.png', word: 'rubber duck', mask: 'mask.png' } },
      shots: [
        { id: 'one', prompts: { 0: 'a {hero} rests', 1: 'a {hero} swims' } },
        { id: 'two', prompt: 'a red ball' },
      ],
    }),
    { fileName: 'story.json' },
  );
  const [one, two] = story.shots;

  test('is found by its prompts', () => {
    expect(subjectOf(one!, story.subjects)?.name).toBe('hero');
    expect(subjectOf(two!, story.subjects)).toBeNull();
    expect(story.subjects).toEqual([
      { name: 'hero', word: 'rubber duck', mask: 'mask.png', picture: { source: 'hero.png', key: null } },
    ]);
  });

  test('is told the word, marked for the stage and plain for people', () => {
    expect(tellingWord(one!, story.subjects![0]!).prompts?.map(({ prompt }) => prompt)).toEqual([
      'a {rubber duck} rests',
      'a {rubber duck} swims',
    ]);
    expect(inWords(one!, story.subjects).prompt).toBe('a rubber duck rests');
  });
});
