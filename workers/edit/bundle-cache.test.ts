import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cachedBundle, keptBundles, touchBundle } from './bundle-cache.ts';

let root: string;
let dir: string;
let sources: string;
let numBundled: number;
const bundle = (): Promise<{ code: string }> => {
  numBundled += 1;
  return Promise.resolve({ code: `bundle ${String(numBundled)}` });
};

const cached = (): Promise<{ code: string }> => cachedBundle({ dir, bundle, root: sources });

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shotline-bundle-'));
  dir = join(root, 'bundles');
  sources = join(root, 'sources');
  await mkdir(join(sources, 'workflows'), { recursive: true });
  await mkdir(join(sources, 'cli'));
  await writeFile(
    join(sources, 'rooms.json'),
    JSON.stringify({ workflows: ['errors'], errors: [], cli: ['workflows'] }),
  );
  await writeFile(join(sources, 'package-lock.json'), '{}');
  await writeFile(join(sources, 'workflows', 'story.ts'), 'export const story = 1;');
  numBundled = 0;
});
afterEach(() => rm(root, { recursive: true }));

test('the same sources are bundled once', async () => {
  expect(await cached()).toEqual({ code: 'bundle 1' });
  expect(await cached()).toEqual({ code: 'bundle 1' });
  expect(await readdir(dir)).toHaveLength(1);
});

test('a change of what workflows reach is bundled anew, and one of other rooms is not', async () => {
  expect(await cached()).toEqual({ code: 'bundle 1' });
  await writeFile(join(sources, 'cli', 'main.ts'), 'export const main = 1;');
  expect(await cached()).toEqual({ code: 'bundle 1' });
  await writeFile(join(sources, 'workflows', 'story.ts'), 'export const story = 2;');
  expect(await cached()).toEqual({ code: 'bundle 2' });
  await writeFile(join(sources, 'package-lock.json'), '{ "name": "other" }');
  expect(await cached()).toEqual({ code: 'bundle 3' });
});

test('without a lock file nothing is kept', async () => {
  await rm(join(sources, 'package-lock.json'));
  await cached();
  expect(await cached()).toEqual({ code: 'bundle 2' });
});

test('the sources of this repository have a fingerprint', async () => {
  await cachedBundle({ dir, bundle });
  expect(await readdir(dir)).toHaveLength(1);
});

test('a bundle that is not what was written is made again', async () => {
  await cached();
  const file = join(dir, (await readdir(dir))[0]!);
  const whole = await readFile(file, 'utf8');
  for (const [index, wrong] of ['', whole.slice(0, -9), whole.slice(1), whole.replace('bundle', 'bungle')].entries()) {
    await writeFile(file, wrong);
    expect(await cached()).toEqual({ code: `bundle ${String(index + 2)}` });
  }
});

test('the newest few are kept', async () => {
  await cached();
  const [first] = await readdir(dir);
  for (let n = 0; n < 5; n++) await writeFile(join(dir, `${String(n)}.js`), 'of another branch');
  await rm(join(dir, first!));
  await cached();
  const kept = await readdir(dir);
  expect(kept).toHaveLength(4);
  expect(kept).toContain(first);
});

test('what is kept can be had, whole bundles alone, and one that was touched stays', async () => {
  await cached();
  await writeFile(join(dir, 'torn.js'), 'not whole');
  const [kept, ...others] = await keptBundles(dir);
  expect(others).toEqual([]);
  expect(kept).toMatchObject({ code: 'bundle 1' });
  const long = new Date(0);
  await utimes(kept!.file, long, long);
  await touchBundle(kept!);
  for (let n = 0; n < 3; n++) await writeFile(join(dir, `${String(n)}.js`), 'of another branch');
  for (const name of ['0.js', '1.js', '2.js', 'torn.js']) await utimes(join(dir, name), long, long);
  await writeFile(join(sources, 'workflows', 'story.ts'), 'export const story = 2;');
  await cached();
  expect((await keptBundles(dir)).map(({ code }) => code).sort()).toEqual(['bundle 1', 'bundle 2']);
});

test('a disk that takes nothing is no failure', async () => {
  await writeFile(dir, 'a file where the folder should be');
  expect(await cached()).toEqual({ code: 'bundle 1' });
});
