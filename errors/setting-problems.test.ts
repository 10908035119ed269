import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { settingProblems } from './setting-problems.ts';

const schema = z.object({
  THREADS: z.coerce.number().int().min(1).max(8).optional(),
  LEVEL: z.enum(['info', 'warn']).optional(),
  ADDRESS: z.url({ error: 'must be an address' }).optional(),
});
const told = (env: Record<string, string>): readonly string[] =>
  settingProblems(schema.safeParse(env).error?.issues ?? []);

test.each([
  ['0', 'THREADS: must be at least 1'],
  ['9', 'THREADS: must be at most 8'],
  ['abc', 'THREADS: must be a number'],
  ['1.5', 'THREADS: must be a whole number'],
])('a number that is %s', (value, line) => {
  expect(told({ THREADS: value })).toEqual([line]);
});

test('a word that is not on its list, and a text of any other rule', () => {
  expect(told({ LEVEL: 'loud', ADDRESS: 'no address' })).toEqual([
    'LEVEL: must be one of info, warn',
    'ADDRESS: must be an address',
  ]);
});
