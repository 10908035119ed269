import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { loadModelSet, missingText, readModelSetState } from './model-library.ts';

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
  await expect(loadModelSet(models, 'pocket', { base: 'latte' })).rejects.toThrow('absent-latte (base)');
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

test('a set without its packages is not installed: all that it lacks is told at once, with the folder', async () => {
  const packages = { base: 'absent', vae: ['better', 'good'] };
  await writeSet('grand', { name: 'grand', packages, optional: { enhance: 'spare' } });
  await expect(loadModelSet(models, 'grand')).rejects.toMatchObject({
    code: 'MODEL_UNKNOWN',
    message: expect.stringContaining(
      `Model set 'grand' is not installed: ${join(models, 'packages')} has no better or good (vae), absent (base).`,
    ),
  });
  const { missing } = await readModelSetState(models, 'grand');
  expect(missingText(missing)).toBe('better or good (vae), absent (base)');
});

describe('of several packages for a role', () => {
  const pocket = { text: 'pocket-text', base: 'pocket-base', interp: 'pocket-interp', upscale: 'pocket-upscale' };
  const shipped = fileURLToPath(new URL('../models/packages', import.meta.url));

  test('the first that is installed is taken, and an optional role only where a package is', async () => {
    await mkdir(join(models, 'packages'));
    for (const name of [...Object.values(pocket), 'pocket-vae', 'pocket-enhance'])
      await symlink(join(shipped, name), join(models, 'packages', name));
    const packages = { ...pocket, vae: ['film-vae', 'pocket-vae'] };
    const optional = { enhance: ['grand-enhance', 'pocket-enhance'], subject: 'grand-subject' };
    await writeSet('mixed', { name: 'mixed', packages, optional });
    const { dirs } = await loadModelSet(models, 'mixed');
    expect(Object.keys(dirs).sort()).toEqual(['base', 'enhance', 'interp', 'text', 'upscale', 'vae']);
    expect(dirs.vae).toBe(join(models, 'packages', 'pocket-vae'));
    expect(await readModelSetState(models, 'mixed')).toEqual({ name: 'mixed', missing: [] });
  });
});

test('the sets of published models follow the rules', async () => {
  const folder = fileURLToPath(new URL('../models', import.meta.url));
  for (const name of ['lavie', 'latte']) expect(await readModelSetState(folder, name)).toMatchObject({ name });
});
