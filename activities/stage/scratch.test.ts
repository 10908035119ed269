import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { sweepScratch, withScratch } from './scratch.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shotline-scratch-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A process that has ended: nobody else has its number for now. */
const deadPid = (): number => spawnSync(process.execPath, ['-e', '']).pid;

test('a sweep takes what dead processes of this host left and nothing else', async () => {
  const host = hostname().replace(/[^A-Za-z0-9.]/g, '_');
  const left = `task-${host}-${deadPid()}-abc123`;
  const kept = [`task-${host}-${process.ppid}-abc123`, `task-elsewhere-${deadPid()}-abc123`, 'notes'];
  for (const name of [left, ...kept]) await mkdir(join(root, name));
  expect(await sweepScratch(root)).toBe(1);
  expect((await readdir(root)).sort()).toEqual([...kept].sort());
});

test('a folder is fresh, gone after its use, and swept by a later process with the same number', async () => {
  const deep = join(root, 'deep');
  await withScratch(deep, (one) =>
    withScratch(deep, async (two) => {
      expect(one).not.toBe(two);
      expect(basename(one)).toContain(`-${process.pid}-`);
      expect(await sweepScratch(deep)).toBe(2);
    }),
  );
  await expect(withScratch(deep, (dir) => Promise.reject(new Error(dir)))).rejects.toThrow(deep);
  expect(await readdir(deep)).toEqual([]);
});

test('there is nothing to sweep where no task has run', async () => {
  expect(await sweepScratch(join(root, 'nowhere'))).toBe(0);
});
