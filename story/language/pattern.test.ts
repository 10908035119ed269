import { expect, test } from '@jest/globals';
import { readingsOf } from './pattern.ts';

test.each([
  ['boat', ['boat']],
  ['(a|b)', ['a', 'b']],
  ['[very] red', ['red', 'very red']],
  ['goes [to the] (left|right)', ['goes left', 'goes right', 'goes to the left', 'goes to the right']],
  ['a [b [c]|d]', ['a', 'a b', 'a b c', 'a d']],
  ['(a|(b|c) d) e', ['a e', 'b d e', 'c d e']],
])('%s has the readings %p', (pattern, readings) => {
  expect(readingsOf(pattern)).toEqual(readings);
});
