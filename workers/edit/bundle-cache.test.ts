import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { cachedBundle } from './bundle-cache.ts';

let root: string;
let dir: string;
let numBundled: number;
const bundle = (): Promise<{ code: string }> => {
  numBundled += 1;
  return Promise.resolve({ code: `bundle ${String(numBundled)}` });
};

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'shotline-bundle-'));
  dir = join(root, 'bundles');
  numBundled = 0;
});
afterEach(() => rm(root, { recursive: true }));

test('the same sources are bundled once', async () => {
  expect(await cachedBundle({ dir, bundle })).toEqual({ code: 'bundle 1' });
  expect(await cachedBundle({ dir, bundle })).toEqual({ code: 'bundle 1' });
  expect(await readdir(dir)).toHaveLength(1);
});

test('a bundle that is not what was written is made again', async () => {
  await cachedBundle({ dir, bundle });
  const file = join(dir, (await readdir(dir))[0]!);
  const whole = await readFile(file, 'utf8');
  for (const [index, wrong] of ['', whole.slice(0, -9), whole.slice(1), whole.replace('bundle', 'bungle')].entries()) {
    await writeFile(file, wrong);
    expect(await cachedBundle({ dir, bundle })).toEqual({ code: `bundle ${String(index + 2)}` });
  }
});

test('the newest few are kept', async () => {
  await cachedBundle({ dir, bundle });
  const [first] = await readdir(dir);
  for (let n = 0; n < 5; n++) await writeFile(join(dir, `${String(n)}.js`), 'of another branch');
  await rm(join(dir, first!));
  await cachedBundle({ dir, bundle });
  const kept = await readdir(dir);
  expect(kept).toHaveLength(4);
  expect(kept).toContain(first);
});

test('a disk that takes nothing is no failure', async () => {
  await writeFile(dir, 'a file where the folder should be');
  expect(await cachedBundle({ dir, bundle })).toEqual({ code: 'bundle 1' });
});
