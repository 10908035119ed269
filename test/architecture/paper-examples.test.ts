import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { loadModelSet } from '../../storage/model-library.ts';
import { planStory } from '../../story/plan/plan-story.ts';
import { tasksOf } from '../../story/plan/task-list.ts';
import type { StageTask } from '../../story/plan/task.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import type { GivenPicture, PictureRef } from '../../story/script/script.ts';

/**
 * The sample scripts of the papers as stories, planned with the manifests that `shotline models convert` writes for the published weights
 * (`modeling/goldens/published_manifests.py`). No weights are needed.
 */

const root = fileURLToPath(new URL('../../', import.meta.url));
let models: string;

beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), 'shotline-published-'));
  await symlink(join(root, 'models/sets'), join(models, 'sets'));
  await symlink(join(root, 'test/fixtures/published/packages'), join(models, 'packages'));
});
afterAll(() => rm(models, { recursive: true, force: true }));

async function tasks(name: string): Promise<readonly StageTask[]> {
  const script = parseScript(await readFile(join(root, 'examples/papers', `${name}.yaml`), 'utf8'), { fileName: name });
  const { ref } = await loadModelSet(models, script.models);
  const keyed = <Given extends { readonly picture: PictureRef }>(given: Given): Given => ({
    ...given,
    picture: { ...given.picture, key: 'a'.repeat(64) },
  });
  const shots = script.shots.map((shot) =>
    shot.pictures === undefined ? shot : { ...shot, pictures: shot.pictures.map(keyed<GivenPicture>) },
  );
  const subjects = script.subjects === undefined ? {} : { subjects: script.subjects.map(keyed) };
  const made = { ...script, shots, ...subjects };
  return tasksOf(planStory(made, ref)).map(({ task }) => task);
}

/** What the story of a paper comes to, in each stage that its paper is about. */
const expected: Readonly<Record<string, readonly (readonly [stage: StageTask['stage'], params: object])[]>> = {
  lavie: [
    ['base', { as: 'paper', sampler: 'ddpm', steps: 50, guidance: 7.5, frames: 16, latentWidth: 64, latentHeight: 40 }],
    ['interp', { as: 'paper', sampler: 'ddim', steps: 50, guidance: 4, frames: 61, negative: 'None' }],
    ['segment', { diffusion: expect.objectContaining({ steps: 50, guidance: 5, noiseLevel: 50 }) as object }],
  ],
  'seine-animate': [['completion', { as: 'paper', sampler: 'ddpm', steps: 250, guidance: 8, frames: 16 }]],
  'seine-transition': [['transition', { as: 'paper', sampler: 'ddpm', steps: 250, guidance: 8, known: 1 }]],
  latte: [['base', { as: 'paper', sampler: 'ddim', steps: 50, guidance: 7.5, latentWidth: 64, latentHeight: 64 }]],
  videobooth: [['base', { as: 'paper', sampler: 'ddpm', steps: 250, guidance: 4, negative: 'None' }]],
  venhancer: [
    ['enhance', { start: 899, hintNoise: 249, told: 8, list: 'fast', guidance: 7.5, scale: 3, keyStep: 4, chunk: 32 }],
  ],
  freeu: [['base', { freeu: { b1: 1.3, b2: 1.4, s1: 0.9, s2: 0.2 } }]],
  freeinit: [
    ['base', { freeinit: expect.objectContaining({ iteration: 4, filter: 'butterworth', order: 4 }) as object }],
  ],
  freenoise: [['base', { freenoise: { length: 16, stride: 4, weights: 'pyramid' }, frames: 64 }]],
};

describe('examples/papers', () => {
  test('has a story for each paper', async () => {
    const names = (await readdir(join(root, 'examples/papers'))).map((file) => file.replace(/\.yaml$/, '')).sort();
    expect(names).toEqual(Object.keys(expected).sort());
  });

  test.each(Object.entries(expected))('%s is planned as its sample script says', async (name, stages) => {
    const made = await tasks(name);
    for (const [stage, params] of stages) {
      const found = made.filter((task) => task.stage === stage).map((task) => task.params);
      expect(found).toContainEqual(expect.objectContaining(params));
    }
  });

  test('SEINE is given the autoencoder, for what it does not know is grey', async () => {
    const [task] = (await tasks('seine-transition')).filter(({ stage }) => stage === 'transition');
    expect(Object.keys(task!.packages)).toEqual(['text', 'vae', 'transition']);
  });

  test('LaVie’s words for the frames between are put behind the prompt', async () => {
    const [task] = (await tasks('lavie')).filter(({ stage }) => stage === 'interp');
    expect(task!.params).toMatchObject({ prompt: 'a teddy bear walking on the street, 2k, high quality, 4k.' });
  });
});
