import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, test } from '@jest/globals';
import { isFullForServer, megabytes, spaceOn } from './disk-space.ts';

test('the room on a disk is told in megabytes', () => {
  const { bavail, bsize } = statfsSync(tmpdir());
  const [, said = ''] = /has (\d+) MB free$/.exec(spaceOn(tmpdir())) ?? [];
  // Others write to the disk meanwhile.
  expect(Math.abs(Number(said) - (bavail * bsize) / 1e6)).toBeLessThan(2_000);
  expect(spaceOn(tmpdir()).startsWith(`${tmpdir()} has `)).toBe(true);
});

test('of a place that is not there nothing is said, and it is not full', () => {
  expect(spaceOn('/nowhere/at/all')).toBe('');
  expect(isFullForServer('/nowhere/at/all')).toBe(false);
});

test('a file system without room is full for the server, one with room is not', () => {
  // It has no blocks at all.
  expect(isFullForServer('/proc')).toBe(true);
  const { bavail, blocks, bsize } = statfsSync(tmpdir());
  expect(isFullForServer(tmpdir())).toBe(bavail / blocks < 0.01 || bavail * bsize < 128e6);
});

test.each([
  [0, '0 MB'],
  [1, '1 MB'],
  [1e6, '1 MB'],
  [1e6 + 1, '2 MB'],
  [64e9, '64000 MB'],
])('%d bytes are %s: rounded up', (bytes, text) => {
  expect(megabytes(bytes)).toBe(text);
});
