import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sweepScratch, withScratch } from './scratch.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shotline-scratch-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

test('a folder is fresh, kept by a sweep while it is used, and gone afterwards', async () => {
  const deep = join(root, 'deep');
  await withScratch(deep, (one) =>
    withScratch(deep, async (two) => {
      expect(one).not.toBe(two);
      expect(await sweepScratch(deep)).toBe(0);
      expect(await readdir(deep)).toHaveLength(2);
    }),
  );
  await expect(withScratch(deep, (dir) => Promise.reject(new Error(dir)))).rejects.toThrow(deep);
  expect(await readdir(deep)).toEqual([]);
});

test('there is nothing to sweep where no task has run', async () => {
  expect(await sweepScratch(join(root, 'nowhere'))).toBe(0);
});
