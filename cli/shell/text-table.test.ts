import { expect, test } from '@jest/globals';
import { clip, textTable } from './text-table.ts';
import { byteSize, clock, roughly } from './time-format.ts';

test('columns line up, wide characters included', () => {
  const columns = [{ title: 'STORY' }, { title: 'SHOTS', align: 'right' as const }];
  expect(
    textTable(columns, [
      ['灯台', '3'],
      ['a lighthouse', '12'],
    ]),
  ).toEqual(['STORY         SHOTS', '灯台              3', 'a lighthouse     12']);
});

test('a cut is marked and never splits a character', () => {
  expect(clip('lighthouse', 6)).toBe('light…');
  expect(clip('灯台の物語', 6)).toBe('灯台…');
  expect(clip('👩‍🚀👩‍🚀', 3)).toBe('👩‍🚀…');
  expect(clip('short', 20)).toBe('short');
});

test('times and sizes are written for people', () => {
  expect([7_400, 245_000, 3_723_000].map(clock)).toEqual(['0:07', '4:05', '1:02:03']);
  expect([400, 4_600, 52_000, 240_000, 9_000_000].map(roughly)).toEqual([
    'about 1 s',
    'about 5 s',
    'about 50 s',
    'about 4 min',
    'about 2.5 h',
  ]);
  expect([512, 3_565_158].map(byteSize)).toEqual(['512 B', '3.4 MiB']);
});
