import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ownFolder, sweepFolders } from './owned-folder.ts';

// Owners that die, in processes and containers of their own: test/stage/owned-folder.test.ts.

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shotline-owned-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

test('a folder may lie deeper than the path of a socket is long', async () => {
  const deep = join(root, ...Array.from({ length: 8 }, () => 'a-folder-with-a-long-name'));
  const folder = await ownFolder(deep, 'task-');
  expect(await sweepFolders(deep, 'task-')).toBe(0);
  await folder.remove();
  expect(await readdir(deep)).toEqual([]);
});

test('a folder that is given up loses its lock and can be moved to its place', async () => {
  const folder = await ownFolder(root, '.half-');
  expect(await readdir(folder.dir)).toEqual(['.owner']);
  await folder.giveUp();
  expect(await readdir(folder.dir)).toEqual([]);
  // It is on its way for a moment.
  expect(await sweepFolders(root, '.half-')).toBe(0);
  await folder.remove();
  await folder.remove();
});

describe('a folder of another kernel', () => {
  test('is spared as long as its owner touches the lock, and an hour more (O3)', async () => {
    const dir = join(root, 'task-00000000-abcdef');
    await mkdir(dir);
    await writeFile(join(dir, '.owner'), '');
    await utimes(dir, minutesAgo(300), minutesAgo(300));
    await utimes(join(dir, '.owner'), minutesAgo(50), minutesAgo(50));
    expect(await sweepFolders(root, 'task-')).toBe(0);
    await utimes(join(dir, '.owner'), minutesAgo(70), minutesAgo(70));
    expect(await sweepFolders(root, 'task-')).toBe(1);
  });

  test('that has no lock, or a name of an earlier release, goes when it is old (O3)', async () => {
    for (const [name, minutes] of [
      ['task-00000000-abcdef', 59],
      ['task-00000000-fedcba', 61],
      ['task-host-123-abcdef', 23 * 60],
      ['task-host-124-abcdef', 25 * 60],
    ] as const) {
      await mkdir(join(root, name));
      await utimes(join(root, name), minutesAgo(minutes), minutesAgo(minutes));
    }
    expect(await sweepFolders(root, 'task-')).toBe(2);
    expect((await readdir(root)).sort()).toEqual(['task-00000000-abcdef', 'task-host-123-abcdef']);
  });
});

test('a folder of this kernel without a lock goes after a minute: its owner was killed while it made it', async () => {
  const mine = await ownFolder(root, 'task-');
  await mine.giveUp();
  await utimes(mine.dir, minutesAgo(0.9), minutesAgo(0.9));
  expect(await sweepFolders(root, 'task-')).toBe(0);
  await utimes(mine.dir, minutesAgo(1.1), minutesAgo(1.1));
  expect(await sweepFolders(root, 'task-')).toBe(1);
});

test('the socket of a living owner counts, however old it looks (O1); a file in its place counts by its age (O3)', async () => {
  const mine = await ownFolder(root, 'task-');
  const lock = join(mine.dir, '.owner');
  await utimes(lock, minutesAgo(600), minutesAgo(600));
  expect(await sweepFolders(root, 'task-')).toBe(0);
  await mine.giveUp();
  await writeFile(lock, '');
  await utimes(mine.dir, minutesAgo(600), minutesAgo(600));
  expect(await sweepFolders(root, 'task-')).toBe(0);
  await utimes(lock, minutesAgo(61), minutesAgo(61));
  expect(await sweepFolders(root, 'task-')).toBe(1);
});

test('the lock is touched while the process lives', async () => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'Date'] });
  try {
    const folder = await ownFolder(root, 'task-');
    const lock = join(folder.dir, '.owner');
    await utimes(lock, minutesAgo(30), minutesAgo(30));
    const touched = async (): Promise<boolean> => (await stat(lock)).mtimeMs > minutesAgo(1).getTime();
    jest.advanceTimersByTime(4 * 60_000);
    expect(await touched()).toBe(false);
    jest.advanceTimersByTime(60_000);
    while (!(await touched())) await new Promise((resolve) => setImmediate(resolve));
    await folder.remove();
  } finally {
    jest.useRealTimers();
  }
});

test('nothing else is swept: folders of other names, files, and a place that is not there', async () => {
  for (const name of ['notes', 'other-00000000-abcdef']) await mkdir(join(root, name));
  await writeFile(join(root, 'task-00000000-abcdef'), 'a file');
  await utimes(join(root, 'task-00000000-abcdef'), minutesAgo(90), minutesAgo(90));
  expect(await sweepFolders(root, 'task-')).toBe(0);
  expect(await readdir(root)).toHaveLength(3);
  expect(await sweepFolders(join(root, 'nowhere'), 'task-')).toBe(0);
});
