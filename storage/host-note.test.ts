import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { HostNote } from './host-note.ts';

let dir: string;
let file: string;
let note: HostNote<readonly number[]>;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-note-'));
  file = join(dir, 'deep', 'note.json');
  note = new HostNote({ file, schema: z.array(z.number()).readonly(), nothing: [] });
});
afterEach(() => rm(dir, { recursive: true }));

test('what was written is read, by other workers too', async () => {
  expect(await note.read()).toEqual([]);
  await note.write((kept) => [...kept, 1]);
  expect(await note.read()).toEqual([1]);
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual([1]);
});

test('writes that overlap come one after the other, and none is lost', async () => {
  await Promise.all([1, 2, 3, 4].map((each) => note.write((kept) => [...kept, each])));
  expect(await note.read()).toEqual([1, 2, 3, 4]);
});

test.each(['', '{', '["a"]', '{"a":1}'])('a file that holds %j holds nothing', async (text) => {
  await mkdir(join(dir, 'deep'));
  await writeFile(file, text);
  expect(await note.read()).toEqual([]);
  await note.write((kept) => [...kept, 7]);
  expect(await note.read()).toEqual([7]);
});

test('a file that cannot be written is no failure, nor is a writer that fails; the next write goes on', async () => {
  await writeFile(join(dir, 'deep'), 'a file where the folder should be');
  await note.write(() => [1]);
  expect(await note.read()).toEqual([]);
  await rm(join(dir, 'deep'));
  await note.write(() => {
    throw new Error('no');
  });
  await note.write(() => [2]);
  expect(await note.read()).toEqual([2]);
});
