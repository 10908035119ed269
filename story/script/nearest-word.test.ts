import { describe, expect, test } from '@jest/globals';
import { nearestWord } from './nearest-word.ts';

const known = ['id', 'prompt', 'seed', 'steps', 'negative', 'toString'];

describe('the nearest word', () => {
  test.each([
    ['promt', 'prompt'],
    ['propmt', 'prompt'],
    ['Seed', 'seed'],
    ['sedes', 'seed'],
    ['negatve', 'negative'],
    ['idd', 'id'],
    ['tostring', 'toString'],
  ])('to the slip %p is %p', (word, nearest) => {
    expect(nearestWord(word, known)).toBe(nearest);
  });

  test.each(['seconds', 'xy', '', 'x'.repeat(100_000)])('to %p is none', (word) => {
    expect(nearestWord(word, known)).toBeNull();
  });

  test('is the closest of several, the first when they are as close', () => {
    expect(nearestWord('set', ['seed', 'sea', 'see'])).toBe('sea');
    expect(nearestWord('set', [])).toBeNull();
  });
});
