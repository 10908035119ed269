import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { hashCode, reachedFolders, readRooms } from './tree-hash.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shotline-tree-'));
});
afterEach(() => rm(root, { recursive: true }));

const write = async (file: string, text: string): Promise<void> => {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), text);
};
const hashed = async (...folders: string[]): Promise<string> => {
  const hash = createHash('sha256');
  await hashCode(hash, root, folders);
  return hash.digest('hex');
};

test('the hash changes with every name and content of code, at any depth', async () => {
  const seen = new Set([await hashed('a', 'b')]);
  for (const [file, text] of [
    ['a/one.ts', 'x'],
    ['a/deep/two.js', 'x'],
    ['a/three.mjs', 'x'],
    ['a/four.json', 'x'],
    ['b/one.ts', 'x'],
    ['a/one.ts', 'y'],
  ] as const) {
    await write(file, text);
    seen.add(await hashed('a', 'b'));
  }
  expect(seen.size).toBe(7);
});

test('tests, texts, folders named like code and folders that are not there change nothing', async () => {
  await write('a/one.ts', 'x');
  const before = await hashed('a');
  await write('a/one.test.ts', 'x');
  await write('a/README.md', 'x');
  await write('a/code.tsx', 'x');
  await mkdir(join(root, 'a', 'folder.ts'));
  expect(await hashed('a', 'absent')).toBe(before);
});

test('it does not depend on where the checkout lies, nor on the order in which files were made', async () => {
  for (const file of ['a/1.ts', 'a/2.ts', 'a/z/0.ts']) await write(file, file);
  const here = await hashed('a');
  await rm(root, { recursive: true });
  root = await mkdtemp(join(tmpdir(), 'shotline-another-'));
  for (const file of ['a/z/0.ts', 'a/2.ts', 'a/1.ts']) await write(file, file);
  expect(await hashed('a')).toBe(here);
});

test('rooms reach the folders of the rooms that they use, in turn', () => {
  const rooms = { ground: [], 'left/a': ['ground'], 'left/b': ['right'], right: [], top: ['left/a'], apart: ['top'] };
  expect(reachedFolders(rooms, ['top'])).toEqual(['ground', 'left', 'right', 'top']);
  expect(reachedFolders(rooms, ['right'])).toEqual(['right']);
  expect(reachedFolders(rooms, [])).toEqual([]);
});

test('the list of rooms is read as it stands, and another shape is refused', async () => {
  await write('rooms.json', '{"top":["ground"],"ground":[]}');
  expect(await readRooms(root)).toEqual({ top: ['ground'], ground: [] });
  await write('rooms.json', '{"top":"ground"}');
  await expect(readRooms(root)).rejects.toThrow();
});
