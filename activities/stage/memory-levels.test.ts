import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { MemoryLevels } from './memory-levels.ts';

let dir: string;
let file: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-memory-'));
  file = join(dir, 'memory', 'sr.json');
});
afterEach(() => rm(dir, { recursive: true }));

test('the next worker of a device begins where the last one no longer ran out of memory', async () => {
  const levels = await MemoryLevels.open(file, 'cuda:0');
  expect(levels.of('enhance')).toBe(0);
  await levels.ranOut('enhance', 1);
  await levels.ranOut('enhance', 2);
  expect((await MemoryLevels.open(file, 'cuda:0')).of('enhance')).toBe(2);
});

test('another device has levels of its own, in the same file', async () => {
  const other = await MemoryLevels.open(file, 'cuda:1');
  await (await MemoryLevels.open(file, 'cuda:0')).ranOut('enhance', 2);
  expect(other.of('enhance')).toBe(0);
  await other.ranOut('enhance', 1);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ 'cuda:0 enhance': 2, 'cuda:1 enhance': 1 });
});

test('levels never fall, and end at the smallest tile', async () => {
  const levels = await MemoryLevels.open(file, 'cpu');
  await levels.ranOut('enhance', 2);
  await levels.ranOut('enhance', 1);
  expect(levels.of('enhance')).toBe(2);
  await levels.ranOut('enhance', 9);
  expect(levels.of('enhance')).toBe(3);
});

test('stages whose need depends on the clip start afresh with each task', async () => {
  const levels = await MemoryLevels.open(file, 'cpu');
  await levels.ranOut('base', 1);
  expect(levels.of('base')).toBe(0);
});

test.each(['', '{', '[1]', '{"cpu enhance":-1}', '{"cpu enhance":"2"}'])(
  'a file that holds %j is empty',
  async (text) => {
    await (await MemoryLevels.open(file, 'cpu')).ranOut('enhance', 1);
    await writeFile(file, text);
    expect((await MemoryLevels.open(file, 'cpu')).of('enhance')).toBe(0);
  },
);

test('a disk that takes nothing is no failure', async () => {
  await writeFile(join(dir, 'memory'), 'a file where the folder should be');
  const levels = await MemoryLevels.open(file, 'cpu');
  await expect(levels.ranOut('enhance', 1)).resolves.toBeUndefined();
  expect(levels.of('enhance')).toBe(1);
});
