import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { loadModelSet } from '../../storage/model-library.ts';
import type { ModelManifest } from '../../story/models/model-manifest.ts';
import { parseScript } from '../../story/script/parse-script.ts';
import { planMadeStory } from '../../story/plan/plan-story.ts';
import type { Tensor } from '../../tensor/tensor.ts';
import { readLatents } from '../../workers/sampling/clip-files.ts';
import { engineConfigFromEnv, engineEnvironment } from '../../engine/config.ts';
import { EngineClient } from '../../engine/client/engine-client.ts';
import type { GraphTensors } from '../../engine/graph.ts';
import { ModelCache, readPackage } from '../../engine/models.ts';

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

  function engineOf(engine: 'onnx' | 'torch', device = 'cpu'): EngineClient {
    const settings = { SHOTLINE_ENGINE: engine, SHOTLINE_THREADS: '2', SHOTLINE_DEVICE: device };
    const client = new EngineClient({
      entry: new URL('../../workers/base/engine.ts', import.meta.url),
      env: engineEnvironment(engineConfigFromEnv({ ...process.env, ...settings })),
      log: (_level, message) => said.push(`${engine}: ${message}`),
      cancelGraceMs: 60_000,
    });
    clients.push(client);
    return client;
  }

  /** The first steps of a clip of the pocket set, made by an engine process of that kind. */
  async function makeClip(engine: 'onnx' | 'torch', script: string): Promise<Tensor> {
    const set = await loadModelSet(models, 'pocket');
    const { base } = planMadeStory(parseScript(script, { fileName: 'torch.yaml' }), set.ref).shots[0]!;
    if (base.stage !== 'base') throw new Error(`the shot begins with ${base.stage}`);
    const client = engineOf(engine);
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
    return readLatents(outputFile, [1, null, null, null, null]);
  }

  test('has its device compute a known product before there is a model, and names one that torch does not see', async () => {
    await engineOf('torch').prove();
    expect(said).toContain('torch: cpu in torch computes as it should');
    const absent = engineOf('torch', 'cuda:9').prove();
    await expect(absent).rejects.toMatchObject({ code: 'RESOURCE_ENGINE' });
    await expect(absent).rejects.toThrow(/torch sees no cuda:9/);
  });

  test('makes the clip that ONNX Runtime makes, up to rounding (M6)', async () => {
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

  test('opens every module again when the process has died, not only the first that is asked', async () => {
    const cache = new ModelCache({ ...engineConfigFromEnv({}), torch: { python: python! } }, () => undefined);
    const graphs = await Promise.all(
      ['pocket-base', 'pocket-transition'].map(async (name) => {
        const source = await readPackage(join(models, 'packages', name));
        return { graph: await cache.graph(source, 'denoiser'), inputs: zeros(source.manifest.graphs['denoiser']!) };
      }),
    );
    const answers = () => Promise.all(graphs.map(({ graph, inputs }) => graph.run(inputs)));
    const before = await answers();
    const child = childrenOf(process.pid).at(-1);
    process.kill(child!, 'SIGKILL');
    while (childrenOf(process.pid).includes(child!)) await delay(20);
    expect(await answers()).toEqual(before);
    await cache.close();
  });

  test('leaves nothing behind when its engine is killed: no process and no folder', async () => {
    const client = engineOf('torch');
    await client.warm([{ dir: join(models, 'packages/pocket-base'), graph: 'denoiser' }]);
    const engine = childrenOf(process.pid).at(-1);
    const torch = childrenOf(engine!).at(-1);
    const folder = commandLine(torch!).at(-1)!;
    expect(existsSync(folder)).toBe(true);
    await client.stop();
    while (isRunning(torch!) || existsSync(folder)) await delay(50);
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

/** Inputs of the smallest sizes, all zero. */
function zeros({ inputs }: ModelManifest['graphs'][string]): GraphTensors {
  const sizes: Readonly<Record<string, number>> = { F: 16, K: 16, L: 16, h: 8, w: 8, T: 32 };
  return Object.fromEntries(
    inputs.map(({ name, type, shape: sides }) => {
      const shape = sides.map((side) => (typeof side === 'number' ? side : (sizes[side.split(' ')[0]!] ?? 1)));
      const length = shape.reduce((product, side) => product * side, 1);
      return [
        name,
        type === 'int64'
          ? { type, shape, data: new BigInt64Array(length) }
          : { type: 'float32', shape, data: new Float32Array(length) },
      ];
    }),
  );
}

/** Processes that this one started, by id. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** A process that has ended and that nobody has asked after is none. */
function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
}

function commandLine(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
}

test('a package of weights is refused where ONNX Runtime runs everything (M6)', async () => {
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
