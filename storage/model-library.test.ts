import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { exampleManifests } from '../test/fakes/example-manifests.ts';
import {
  listAlternatives,
  listModelSets,
  loadModelSet,
  loadPerceptionModels,
  loadSetDirs,
  missingText,
  readModelSetState,
} from './model-library.ts';

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

const pocket = { text: 'pocket-text', base: 'pocket-base', interp: 'pocket-interp', upscale: 'pocket-upscale' };
const shipped = fileURLToPath(new URL('../models/packages', import.meta.url));
const install = async (...names: readonly string[]): Promise<void> => {
  await mkdir(join(models, 'packages'), { recursive: true });
  for (const name of names) await symlink(join(shipped, name), join(models, 'packages', name));
};

describe('of several packages for a role', () => {
  test('the first that is installed is taken, and an optional role only where a package is', async () => {
    await install(...Object.values(pocket), 'pocket-vae', 'pocket-enhance');
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

test('a package in a role that is not its own is refused', async () => {
  await install('pocket-text', 'pocket-vae');
  await writeSet('odd', { name: 'odd', packages: { text: 'pocket-vae' } });
  await expect(loadModelSet(models, 'odd')).rejects.toMatchObject({
    code: 'MODEL_INVALID',
    message: expect.stringContaining('package pocket-vae has role vae, and the set uses it as text') as unknown,
  });
});

/** A package that looks at frames; nothing reads its graph here. */
async function makeAesthetic(): Promise<void> {
  const folder = join(models, 'packages', 'example-aesthetic');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'model.json'), JSON.stringify(exampleManifests.aesthetic));
  for (const { path, bytes } of exampleManifests.aesthetic.files)
    await writeFile(join(folder, path), Buffer.alloc(bytes));
}

describe('a set that only looks at films', () => {
  test('needs one of its packages, gives those that are there, and makes no films', async () => {
    await writeSet('looks', {
      name: 'looks',
      packages: {},
      optional: { aesthetic: 'example-aesthetic', flow: 'absent' },
    });
    expect(await readModelSetState(models, 'looks')).toEqual({
      name: 'looks',
      missing: [
        { role: 'aesthetic', packages: ['example-aesthetic'] },
        { role: 'flow', packages: ['absent'] },
      ],
    });
    await expect(loadPerceptionModels(models, 'looks')).rejects.toMatchObject({
      code: 'MODEL_UNKNOWN',
      message: expect.stringContaining('no package that looks at films') as unknown,
    });
    await makeAesthetic();
    expect(await readModelSetState(models, 'looks')).toEqual({ name: 'looks', missing: [] });
    const { packages, dirs } = await loadPerceptionModels(models, 'looks');
    expect(Object.keys(packages)).toEqual(['aesthetic']);
    expect(packages.aesthetic?.name).toBe('example-aesthetic');
    expect(dirs).toEqual({ aesthetic: join(models, 'packages', 'example-aesthetic') });
    expect(await loadSetDirs(models, 'looks')).toEqual(dirs);
    await expect(loadModelSet(models, 'looks')).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });

  test('of one that makes films those packages alone are taken that look', async () => {
    await install(...Object.values(pocket), 'pocket-vae', 'pocket-probe');
    await makeAesthetic();
    await writeSet('all', {
      name: 'all',
      packages: {
        ...pocket,
        vae: 'pocket-vae',
        probe: 'pocket-probe',
        aesthetic: 'example-aesthetic',
      },
    });
    expect(Object.keys((await loadPerceptionModels(models, 'all')).packages)).toEqual(['aesthetic']);
    expect(Object.keys(await loadSetDirs(models, 'all')).sort()).toEqual([
      'aesthetic',
      'base',
      'interp',
      'probe',
      'text',
      'upscale',
      'vae',
    ]);
  });

  test('packages that do not fit together are refused where they make films, even if only their folders are asked for', async () => {
    await install('pocket-text', 'pocket-probe');
    await writeSet('half', { name: 'half', packages: { text: 'pocket-text', probe: 'pocket-probe' } });
    await expect(loadSetDirs(models, 'half')).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });
});

test('sets and alternatives are listed in order; a set that cannot be read says so', async () => {
  expect(await listModelSets(join(models, 'nowhere'))).toEqual([]);
  for (const name of ['c', 'a', 'b']) await writeSet(name, { name, packages: {} });
  await writeFile(join(models, 'sets', 'notes.txt'), '');
  expect(await listModelSets(models)).toEqual(['a', 'b', 'c']);
  await writeSet('b', { name: 'b', packages: {}, alternatives: { base: { latte: 'x', large: 'y' } } });
  expect(await listAlternatives(models, 'b')).toEqual([{ base: 'latte' }, { base: 'large' }]);
  expect(await listAlternatives(models, 'a')).toEqual([]);
  await writeSet('a', { name: 'a', packages: 7 });
  await expect(listAlternatives(models, 'a')).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  await expect(listAlternatives(models, 'd')).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
});

test('where there are no sets at all, the folder is told', async () => {
  await expect(loadModelSet(join(models, 'nowhere'), 'pocket')).rejects.toThrow(
    `there are none in ${join(models, 'nowhere', 'sets')}`,
  );
});

describe('a set that offers clips of several shapes', () => {
  const shapes = [{ width: 144, height: 256 }];
  const packages = { ...pocket, vae: 'pocket-vae' };

  test('tells the plan', async () => {
    await install(...Object.values(packages));
    await writeSet('pocket', { name: 'pocket', packages, shapes });
    expect((await loadModelSet(models, 'pocket')).ref.shapes).toEqual(shapes);
  });

  test.each([
    [[{ width: 144, height: 257 }], 'shapes.0.height: a side is even'],
    [[{ width: 8, height: 256 }], 'shapes.0.width'],
    [[{ width: 144 }], 'shapes.0.height'],
    [['144x256'], 'shapes.0'],
    [[], 'shapes'],
  ])('in another way than %j is refused with the place', async (wrong, place) => {
    await writeSet('pocket', { name: 'pocket', packages, shapes: wrong });
    await expect(loadModelSet(models, 'pocket')).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining(place),
    });
  });
});

test('a voice or an upscaler that a story names and nobody has added is told with the command that adds it', async () => {
  const packages = { ...pocket, vae: 'pocket-vae' };
  await install(...Object.values(packages), 'espeak-ng');
  await writeSet('pocket', { name: 'pocket', packages });
  expect((await loadModelSet(models, 'pocket', { voice: 'espeak-ng' })).ref.voice).toMatchObject({
    program: 'espeak-ng',
  });
  await expect(loadModelSet(models, 'pocket', { voice: 'alba' })).rejects.toMatchObject({
    code: 'MODEL_UNKNOWN',
    message: expect.stringMatching(/There is no voice package 'alba' in .*models add <voice>\.onnx --licence/),
  });
  await expect(loadModelSet(models, 'pocket', { voice: 'pocket-text' })).rejects.toThrow(
    /pocket-text has role text, and the set uses it as voice/,
  );
});
