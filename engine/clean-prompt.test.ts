import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { cleanPrompt } from './clean-prompt.ts';

/** Made by `modeling/goldens/clean_goldens.py`. */
const goldens = JSON.parse(readFileSync(new URL('goldens/clean.json', import.meta.url), 'utf8')) as {
  text: string;
  cleaned: string;
}[];

describe('cleanPrompt', () => {
  test('cleans as ftfy and html.unescape do', () => {
    const made = goldens.map(({ text }) => ({ text, cleaned: cleanPrompt(text) }));
    expect(made).toEqual(goldens);
  });

  test('a second time changes nothing of plain words', () => {
    expect(cleanPrompt('a red boat sails to the right')).toBe('a red boat sails to the right');
  });
});
