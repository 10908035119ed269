import { Readable } from 'node:stream';
import { expect, test } from '@jest/globals';
import { jsonWithin, textWithin } from './small-text.ts';

const found = (text: string, bytes = text.length): Parameters<typeof textWithin>[0] => ({
  info: { bytes },
  body: Readable.from([Buffer.from(text)]),
});

test('an object that is larger than its kind can be is not read, and its connection is let go', async () => {
  const huge = found('x', 1_500_000_000);
  expect(await textWithin(huge, 1000)).toBeNull();
  expect(huge.body.destroyed).toBe(true);
  expect(await textWithin(found('title: A'), 8)).toBe('title: A');
});

test('what is no JSON says nothing', async () => {
  expect(await jsonWithin(found('not json'), 100)).toBeNull();
  expect(await jsonWithin(found('{"a":1}'), 100)).toEqual({ a: 1 });
  expect(await jsonWithin(found('{"a":1}'), 3)).toBeNull();
});
