import { expect, test } from '@jest/globals';
import { waitOf } from './until-over.ts';

test.each([
  [undefined, null],
  ['respond-async', null],
  ['wait=30', 30],
  ['respond-async, wait=5', 5],
  ['respond-async; wait=7', 7],
  ['wait=9999', 60],
  ['await=3', null],
  ['wait=-1', null],
])('Prefer: %s waits for %s seconds', (prefer, seconds) => {
  expect(waitOf(prefer)).toBe(seconds);
});
