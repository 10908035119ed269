import { describe, expect, test } from '@jest/globals';
import { idsOf, phonemesOf, sentencesOf } from './phonemes.ts';

describe('a text is cut into sentences and clauses', () => {
  test.each([
    ['Once upon a time, a boat.', [['Once upon a time,/,', 'a boat./.']]],
    ['Stop! Who is there? Nobody', [['Stop!/!'], ['Who is there?/?'], ['Nobody/']]],
    ['It costs 3.50 at 10:30.', [['It costs 3.50 at 10:30./.']]],
    ['She said: "Go." Then he went.', [['She said:/:', '"Go."/.'], ['Then he went./.']]],
    ['Wait… what', [['Wait…/.'], ['what/']]],
    ['海很平静。船来了，是红色的。', [['海很平静。/.'], ['船来了，/,', '是红色的。/.']]],
    ['هل هذا قارب؟ نعم، أحمر', [['هل هذا قارب؟/?'], ['نعم،/,', 'أحمر/']]],
    ['first line\nsecond line.', [['first line/', 'second line./.']]],
    ['  ', []],
  ])('%j', (text, sentences) => {
    expect(sentencesOf(text).map((clauses) => clauses.map(({ words, mark }) => `${words}/${mark}`))).toEqual(sentences);
  });
});

test('what espeak-ng writes becomes signs of Unicode, without its notes on other languages', () => {
  expect(phonemesOf(' həlˈoʊ\n ðˈɛɹ ', ',')).toEqual(Array.from('həlˈoʊ ðˈɛɹ, '));
  expect(phonemesOf('(fr)bɔ̃ʒˈuʁ(en)', '.')).toEqual(Array.from('bɔ̃ʒˈuʁ.'.normalize('NFD')));
  expect(phonemesOf(' (en) ', '.')).toEqual([]);
});

test('phonemes become numbers with the sign for nothing between them; those that the voice has not are left out and told', () => {
  const ids = { '^': [1], $: [2], _: [0], a: [3], b: [4, 5], '.': [6] };
  expect(idsOf(Array.from('abx.'), { ids })).toEqual({
    ids: [1, 0, 3, 0, 4, 5, 0, 6, 0, 2],
    known: 2,
    unknown: ['x'],
  });
  expect(idsOf(['toString'], { ids }).unknown).toEqual(['toString']);
});
