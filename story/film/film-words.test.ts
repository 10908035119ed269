import { describe, expect, test } from '@jest/globals';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { planStory } from '../plan/plan-story.ts';
import { parseScript } from '../script/parse-script.ts';
import { threeLetters } from './film-language.ts';
import { filmWords } from './film-words.ts';

const wordsOf = (yaml: string) => {
  const script = parseScript(yaml, { fileName: 'story.yaml' });
  const plan = planStory(script, exampleModels);
  return { plan, words: filmWords(script, plan, 'story-x') };
};

describe('the words of a film', () => {
  test('are its title, its description, its language and a chapter for each shot', () => {
    const { plan, words } = wordsOf(`
title: Der Leuchtturm
description: A boat comes home.
language: de-ch
shots:
  - { id: dawn, prompt: a red boat }
  - { id: lift-off, prompt: a rocket, join: dissolve }
  - { id: end, prompt: a house, join: cut }
`);
    expect(words).toMatchObject({
      rate: { num: 24, den: 1 },
      tags: { title: 'Der Leuchtturm', description: 'A boat comes home.', comment: 'story-x' },
      language: 'deu',
      languageTag: 'de-CH',
      captions: [],
    });
    // 61 frames each; the dissolve takes 12 of both and belongs to the chapter before it.
    expect(words.chapters).toEqual([
      { from: 0, until: 61, text: 'Dawn' },
      { from: 61, until: 110, text: 'Lift off' },
      { from: 110, until: 171, text: 'End' },
    ]);
    expect(plan.numFrames).toBe(171);
  });

  test('of a script that says nothing more are few, and its film keeps its key', () => {
    const { plan, words } = wordsOf('title: A\nshots: [{ id: a, prompt: a red boat }]');
    expect(words).toMatchObject({ tags: { title: 'A', comment: 'story-x' }, language: 'und' });
    expect(words).not.toHaveProperty('languageTag');
    const other = wordsOf('title: B\ndescription: c\nlanguage: ja\nshots: [{ id: a, prompt: a red boat }]').plan;
    expect(other.film.key).toBe(plan.film.key);
    expect(other.scriptHash).not.toBe(plan.scriptHash);
  });

  test('languages are known by two letters, by three, and with what follows', () => {
    expect(['en', 'fr-CA', 'zh-Hant-TW', 'gsw', 'deu', 'ger', 'qqx', undefined].map(threeLetters)).toEqual([
      'eng',
      'fra',
      'zho',
      'gsw',
      'deu',
      'deu',
      'und',
      'und',
    ]);
  });

  test('a language that is none is refused', () => {
    expect(() => wordsOf('language: German!\nshots: [{ id: a, prompt: a red boat }]')).toThrow(
      'language is "German!"; a language is a tag such as en, de-CH or zh-Hant',
    );
  });
});
