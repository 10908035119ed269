import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadModelSet } from '../../storage/model-library.ts';
import { parseScript } from '../../story/parse-script.ts';
import { planStory } from '../../story/plan-story.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { readLatents } from '../../workers/clip-files.ts';
import { engineConfigFromEnv, engineEnvironment } from '../../workers/session/config.ts';
import { EngineClient } from '../../workers/session/engine-client.ts';
import { ModelCache, readPackage } from '../../workers/session/models.ts';

jest.setTimeout(300_000);

const models = fileURLToPath(new URL('../../models', import.meta.url));
const python = process.env['SHOTLINE_PYTHON'];
const reason = python === undefined ? ' (left out: SHOTLINE_PYTHON names no Python with torch)' : '';

(python === undefined ? describe.skip : describe)(`the torch engine${reason}`, () => {
  let dir: string;
  const clients: EngineClient[] = [];
  const said: string[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'shotline-torch-test-'));
  });
  afterAll(async () => {
    for (const client of clients) await client.stop();
    await rm(dir, { recursive: true, force: true });
  });

  /** The first steps of a clip of the pocket set, made by an engine process of that kind. */
  async function makeClip(engine: 'onnx' | 'torch', script: string): Promise<Tensor> {
    const set = await loadModelSet(models, 'pocket');
    const { base } = planStory(parseScript(script, { fileName: 'torch.yaml' }), set.ref).shots[0]!;
    if (base.stage !== 'base') throw new Error(`the shot begins with ${base.stage}`);
    const client = new EngineClient({
      entry: new URL('../../workers/base/engine.ts', import.meta.url),
      env: engineEnvironment(engineConfigFromEnv({ ...process.env, SHOTLINE_ENGINE: engine, SHOTLINE_THREADS: '2' })),
      log: (_level, message) => said.push(`${engine}: ${message}`),
      cancelGraceMs: 60_000,
    });
    clients.push(client);
    const outputFile = join(dir, `${engine}.safetensors`);
    await client.run({
      task: base,
      packageDirs: set.dirs,
      inputFiles: [],
      outputFile,
      checkpointFile: null,
      scratchDir: dir,
      checkpointEvery: 0,
      shrink: 0,
    });
    return readLatents(outputFile, base.key, [1, null, null, null, null]);
  }

  test('makes the clip that ONNX Runtime makes, up to rounding', async () => {
    const script =
      'shots: [{ id: boat, prompt: a red boat sails to the right on the sea at sunset, steps: 2, freeu: true }]';
    const expected = await makeClip('onnx', script);
    const made = await makeClip('torch', script);
    expect(made.shape).toEqual(expected.shape);
    const largest = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const apart = made.data.reduce((most, value, index) => Math.max(most, Math.abs(value - expected.data[index]!)), 0);
    expect(largest).toBeGreaterThan(0.5);
    expect(apart / largest).toBeLessThan(1e-3);
    expect(said).toContain('torch: pocket-base/denoiser opened on cpu in torch');
    expect(said).toContain('torch: pocket-text/encoder opened on cpu');
  });

  test('names what is wrong with a package whose weights do not fit', async () => {
    const broken = join(dir, 'broken');
    await cp(join(models, 'packages/pocket-base'), broken, { recursive: true });
    await cp(join(models, 'packages/pocket-interp/denoiser.onnx'), join(broken, 'denoiser.onnx'));
    const cache = new ModelCache({ ...engineConfigFromEnv({}), torch: { python: python! } }, () => undefined);
    await expect(cache.graph(await readPackage(broken), 'denoiser')).rejects.toMatchObject({
      code: expect.stringMatching(/^(MODEL_INVALID|RESOURCE_ENGINE)$/),
    });
    await cache.close();
  });

  test('says which Python it could not use', async () => {
    const cache = new ModelCache({ ...engineConfigFromEnv({}), torch: { python: '/no/such/python' } }, () => undefined);
    const text = await readPackage(join(models, 'packages/pocket-text'));
    await expect(cache.graph(text, 'encoder')).rejects.toMatchObject({
      code: 'RESOURCE_ENGINE',
      message: expect.stringContaining('SHOTLINE_PYTHON'),
    });
    await cache.close();
  });
});

test('a package of weights is refused where ONNX Runtime runs everything', async () => {
  const text = await readPackage(join(models, 'packages/pocket-text'));
  const encoder = { ...text.manifest.graphs['encoder']!, file: 'weights.safetensors' };
  const weights = { dir: text.dir, manifest: { ...text.manifest, graphs: { encoder } } };
  const cache = new ModelCache(engineConfigFromEnv({}), () => undefined);
  await expect(cache.graph(weights, 'encoder')).rejects.toMatchObject({
    code: 'MODEL_INVALID',
    message: expect.stringContaining('set SHOTLINE_ENGINE=torch'),
  });
  await cache.close();
});
