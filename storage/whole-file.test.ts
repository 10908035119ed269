import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { makePrivateFolder, writeWholeFile } from './whole-file.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-whole-'));
});
afterEach(() => rm(dir, { recursive: true }));

const rights = async (path: string): Promise<string> => ((await stat(path)).mode & 0o777).toString(8);

test('a file and the folders above it are for the owner alone', async () => {
  const file = join(dir, 'a', 'b', 'note.json');
  await writeWholeFile(file, 'text');
  expect(await readFile(file, 'utf8')).toBe('text');
  expect(await rights(file)).toBe('600');
  expect(await rights(dirname(file))).toBe('700');
  expect(await rights(join(dir, 'a'))).toBe('700');
});

test('a file that others could read is replaced by one that they cannot', async () => {
  const file = join(dir, 'note');
  await writeFile(file, 'before');
  await chmod(file, 0o644);
  await writeWholeFile(file, Uint8Array.of(1, 2));
  expect([...(await readFile(file))]).toEqual([1, 2]);
  expect(await rights(file)).toBe('600');
});

test('a folder that is there keeps its rights', async () => {
  await chmod(dir, 0o755);
  await makePrivateFolder(dir);
  expect(await rights(dir)).toBe('755');
});

test('of many writers at once one wins whole, and no partial file is left', async () => {
  const file = join(dir, 'note');
  const contents = Array.from({ length: 8 }, (_, index) => String(index).repeat(100_000));
  await Promise.all(contents.map((content) => writeWholeFile(file, content)));
  expect(contents).toContain(await readFile(file, 'utf8'));
  expect(await readdir(dir)).toEqual(['note']);
});

test('a file that cannot be put in place leaves no partial file', async () => {
  const taken = join(dir, 'taken');
  await mkdir(join(taken, 'full'), { recursive: true });
  await expect(writeWholeFile(taken, 'text')).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  expect(await readdir(dir)).toEqual(['taken']);
});
