import { expect, test } from '@jest/globals';
import { Tensor } from '../tensor/tensor.ts';
import { putTokens, wordVector } from './subject-tokens.ts';

/** Five rows of two numbers: 0, 1, 2, 3, 4 and their tenfold. */
const context = new Tensor(
  [1, 1, 5, 2],
  Float32Array.from({ length: 10 }, (_, index) => (index >> 1) * (index % 2 ? 10 : 1)),
);
const rows = (tensor: Tensor): number[] => [...tensor.data].filter((_, index) => index % 2 === 0);
const tokens = (...values: number[]): Tensor =>
  new Tensor([values.length, 2], Float32Array.from(values.flatMap((value) => [value, value])));

test('a word is the mean of its rows', () => {
  expect(wordVector(context, { first: 1, count: 1 })).toEqual(new Tensor([1, 2], Float32Array.of(1, 10)));
  expect(wordVector(context, { first: 1, count: 2 })).toEqual(new Tensor([1, 2], Float32Array.of(1.5, 15)));
});

test.each([
  ['as many tokens as rows', { first: 1, count: 2 }, [-1, -2], [0, -1, -2, 3, 4]],
  ['more: the end makes room', { first: 1, count: 1 }, [-1, -2, -3], [0, -1, -2, -3, 2]],
  ['fewer: the last row is repeated', { first: 1, count: 3 }, [-1], [0, -1, 4, 4, 4]],
  ['more than there is room for', { first: 3, count: 1 }, [-1, -2, -3], [0, 1, 2, -1, -2]],
])('tokens take the place of a word, %s', (_, span, put, expected) => {
  const made = putTokens(context, span, tokens(...put));
  expect(made.shape).toEqual([1, 1, 5, 2]);
  expect(rows(made)).toEqual(expected);
});

test.each([
  { first: 4, count: 2 },
  { first: -1, count: 1 },
])('rows outside the context are refused: %p', (span) => {
  expect(() => putTokens(context, span, tokens(1))).toThrow(/of 5; it must have some of them/);
});
