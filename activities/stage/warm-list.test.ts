import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { WarmList } from './warm-list.ts';
import type { PackageGraph } from './warm-list.ts';

let dir: string;
let file: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-warm-'));
  file = join(dir, 'warm', 'base.json');
});
afterEach(() => rm(dir, { recursive: true }));

const graph = (name: string, digit = '0'): PackageGraph => ({
  ref: { name, version: '1', digest: digit.repeat(64) },
  graph: 'denoiser',
});
const names = (list: WarmList): string[] => list.graphs.map(({ ref }) => ref.name);

test('the next worker finds what was used, the latest last', async () => {
  const list = await WarmList.open(file);
  expect(list.graphs).toEqual([]);
  await list.used([graph('base', '1'), graph('text', '2')]);
  await list.used([graph('base', '1')]);
  expect(names(list)).toEqual(['text', 'base']);
  expect(names(await WarmList.open(file))).toEqual(['base', 'text']);
});

test('only what is new is written, and no more than sixteen', async () => {
  const list = await WarmList.open(file);
  await list.used([graph('base', '1')]);
  await writeFile(file, 'untouched');
  await list.used([graph('base', '1')]);
  expect(await readFile(file, 'utf8')).toBe('untouched');
  for (let index = 0; index < 20; index++) await list.used([{ ...graph('base', '1'), graph: `g${String(index)}` }]);
  expect((await WarmList.open(file)).graphs.map((each) => each.graph)).toEqual(
    Array.from({ length: 16 }, (_, index) => `g${String(index + 4)}`),
  );
});

test.each(['', '{', '[1]', '[{"graph":"x","ref":{"name":"a","version":"1","digest":"../up"}}]'])(
  'a file that holds %j is an empty list',
  async (text) => {
    await (await WarmList.open(file)).used([graph('base')]);
    await writeFile(file, text);
    expect((await WarmList.open(file)).graphs).toEqual([]);
  },
);

test('a disk that takes nothing is no failure', async () => {
  await writeFile(join(dir, 'warm'), 'a file where the folder should be');
  const list = await WarmList.open(file);
  await expect(list.used([graph('base')])).resolves.toBeUndefined();
  expect(names(list)).toEqual(['base']);
});
