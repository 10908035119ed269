import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadModelSet } from './model-library.ts';

let models: string;

beforeEach(async () => {
  models = await mkdtemp(join(tmpdir(), 'shotline-models-'));
  await mkdir(join(models, 'sets'));
});

afterEach(() => rm(models, { recursive: true }));

const writeSet = (name: string, content: unknown) =>
  writeFile(join(models, 'sets', `${name}.json`), JSON.stringify(content));

test('an unknown set is told with those that there are', async () => {
  await writeSet('pocket', {});
  await writeSet('grand', {});
  await expect(loadModelSet(models, '../sets/pocket')).rejects.toMatchObject({
    code: 'MODEL_UNKNOWN',
    message: expect.stringContaining('there are: grand, pocket'),
  });
});

test('a set with a role or a name outside the rules is refused with the place', async () => {
  await writeSet('pocket', { name: 'pocket', packages: { base: '../../etc' } });
  await expect(loadModelSet(models, 'pocket')).rejects.toMatchObject({
    code: 'MODEL_INVALID',
    message: expect.stringContaining('packages.base'),
  });
  await writeSet('pocket', { name: 'other', packages: {} });
  await expect(loadModelSet(models, 'pocket')).rejects.toThrow(/calls itself 'other'/);
});

test('a set that lacks a role which every shot needs is refused', async () => {
  await writeSet('pocket', { name: 'pocket', packages: {} });
  await expect(loadModelSet(models, 'pocket')).rejects.toThrow(/lacks packages for text, vae, base, interp, upscale/);
});

test('an alternative that a set has stands in for the package of its role; another is told with those that there are', async () => {
  const alternatives = { base: { latte: 'absent-latte', large: 'absent-large' } };
  await writeSet('pocket', { name: 'pocket', packages: { base: 'absent' }, alternatives });
  await expect(loadModelSet(models, 'pocket', { base: 'latte' })).rejects.toThrow(join('packages', 'absent-latte'));
  await expect(loadModelSet(models, 'pocket', { base: 'late' })).rejects.toMatchObject({
    code: 'MODEL_UNKNOWN',
    message:
      "Model set 'pocket' has no alternative base 'late'; it has: latte, large. Correct 'models.base' in the script, or leave it out.",
  });
  await writeSet('pocket', { name: 'pocket', packages: { base: 'absent' } });
  await expect(loadModelSet(models, 'pocket', { base: 'toString' })).rejects.toThrow(/it has none but its own/);
  await writeSet('pocket', { name: 'pocket', packages: {}, alternatives: { text: { other: 'absent' } } });
  await expect(loadModelSet(models, 'pocket')).rejects.toThrow(/alternatives/);
});

test('a package that is not there is told with its folder', async () => {
  await writeSet('pocket', { name: 'pocket', packages: { base: 'absent' } });
  await expect(loadModelSet(models, 'pocket')).rejects.toMatchObject({
    code: 'MODEL_UNKNOWN',
    message: expect.stringContaining(join('packages', 'absent')),
  });
});
