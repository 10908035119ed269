import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ModelManifest } from '../story/models/model-manifest.ts';
import type { EngineConfig } from './config.ts';
import { ModelCache, readPackage } from './models.ts';
import type { LocalPackage } from './models.ts';

const packageDir = (name: string): string => fileURLToPath(new URL(`../models/packages/${name}`, import.meta.url));
const cpu: EngineConfig = { devices: [{ kind: 'cpu' }], threads: 1, budgetBytes: 2 ** 30 };
const ids = { input_ids: { type: 'int64', shape: [1, 32], data: new BigInt64Array(32) } } as const;

let logged: string[];
/** What was told beside the message, for each message. */
let fields: unknown[];
let cache: ModelCache;
let text: LocalPackage;
let vae: LocalPackage;

function newCache(config: EngineConfig): ModelCache {
  return new ModelCache(config, (_level, message, told) => {
    logged.push(message);
    fields.push(told);
  });
}

beforeEach(async () => {
  logged = [];
  fields = [];
  cache = newCache(cpu);
  text = await readPackage(packageDir('pocket-text'));
  vae = await readPackage(packageDir('pocket-vae'));
});

afterEach(() => cache.close());

describe('the model cache', () => {
  test('opens a graph once, also for calls at the same time (M1)', async () => {
    const graphs = await Promise.all([cache.graph(text, 'encoder'), cache.graph(text, 'encoder')]);
    const [first, second] = await Promise.all(graphs.map((graph) => graph.run(ids)));
    expect(first?.['context']?.shape).toEqual([1, 32, 128]);
    expect(first).toEqual(second);
    expect(logged.filter((line) => line.includes('opened'))).toEqual(['pocket-text/encoder opened on cpu']);
  });

  test('closes the least recently used to stay in its budget, and a handle opens it again (M2, M3)', async () => {
    cache = newCache({ ...cpu, budgetBytes: 1 });
    const encoder = await cache.graph(text, 'encoder');
    const before = await encoder.run(ids);
    await cache.graph(vae, 'decoder');
    expect(cache.openGraphs).toEqual([join(vae.dir, 'decoder')]);
    expect(await encoder.run(ids)).toEqual(before);
    expect(cache.openGraphs).toEqual([join(text.dir, 'encoder')]);
  });

  test('closes no session while a run of it is under way, whatever room another needs (M4)', async () => {
    cache = newCache({ ...cpu, budgetBytes: 1 });
    const encoder = await cache.graph(text, 'encoder');
    const alone = await encoder.run(ids);
    const running = encoder.run(ids);
    await turn(); // the run is in the session
    await cache.graph(vae, 'decoder');
    expect(logged.filter((line) => line.endsWith('closed'))).toEqual([]);
    expect(await running).toEqual(alone);
  });

  test('opens a session again that was closed between a call and its run (M4)', async () => {
    cache = newCache({ ...cpu, budgetBytes: 1 });
    const encoder = await cache.graph(text, 'encoder');
    const alone = await encoder.run(ids);
    const [again] = await Promise.all([encoder.run(ids), cache.graph(vae, 'decoder')]);
    expect(again).toEqual(alone);
  });

  test('opens ahead what fits beside the others, and closes nothing for it', async () => {
    await cache.openAhead(text, 'encoder');
    await cache.openAhead(vae, 'decoder');
    expect(cache.openGraphs).toHaveLength(2);
    await expect(cache.openAhead(text, 'decoder')).rejects.toMatchObject({ code: 'MODEL_INVALID' });
    await cache.close();
    cache = newCache({ ...cpu, budgetBytes: 1 });
    await cache.openAhead(text, 'encoder');
    await cache.openAhead(vae, 'decoder');
    expect(cache.openGraphs).toEqual([join(text.dir, 'encoder')]);
  });

  test('counts what a graph takes that is to be opened ahead', async () => {
    let budgetBytes = 2 ** 40;
    cache = newCache({
      ...cpu,
      get budgetBytes() {
        return budgetBytes;
      },
    });
    await cache.graph(text, 'encoder');
    const { bytes } = vae.manifest.files.find(({ path }) => path === 'decoder.onnx')!;
    budgetBytes = cache.heldBytes + bytes - 1;
    await cache.openAhead(vae, 'decoder');
    expect(cache.openGraphs).toHaveLength(1);
    budgetBytes += 1;
    await cache.openAhead(vae, 'decoder');
    expect(cache.openGraphs).toHaveLength(2);
  });

  test('counts the data that lies beside a graph with it, and says when that is more than there is', async () => {
    const data = { ...text.manifest.files[0]!, path: 'encoder.onnx.data', bytes: 2 ** 40 };
    const large = { ...text, manifest: { ...text.manifest, files: [...text.manifest.files, data] } };
    await cache.graph(vae, 'decoder');
    const before = logged.length;
    await cache.graph(large, 'encoder');
    const { bytes } = text.manifest.files.find(({ path }) => path === 'encoder.onnx')!;
    const at = logged.indexOf('pocket-text/encoder is larger than what SHOTLINE_MEMORY_MB leaves');
    expect(at).toBeGreaterThanOrEqual(before);
    expect(fields[at]).toEqual({ graph: 'pocket-text/encoder', bytes: bytes + 2 ** 40, budget: 2 ** 30 });
    expect(cache.heldBytes).toBeGreaterThanOrEqual(2 ** 40);
    await cache.close();
    expect([cache.openGraphs, cache.heldBytes]).toEqual([[], 0]);
  });

  test('refuses weights for torch where there is none, and says what to set', async () => {
    const encoder = { ...text.manifest.graphs['encoder']!, file: 'encoder.safetensors' };
    const forTorch = { ...text, manifest: { ...text.manifest, graphs: { encoder } } };
    await expect(cache.graph(forTorch, 'encoder')).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('set SHOTLINE_ENGINE=torch') as unknown,
    });
  });

  test('has a device prove that it computes, and says which', async () => {
    cache = newCache({ ...cpu, devices: [{ kind: 'cuda', index: 99 }, { kind: 'cpu' }] });
    await cache.prove();
    expect(logged).toEqual(['cuda:99 cannot be used, trying the next device', 'cpu computes as it should']);
    expect(fields).toEqual([
      { device: 'cuda:99', reason: expect.stringContaining('cuda:99') as unknown },
      { device: 'cpu' },
    ]);
  });

  test('leaves weights in the file that would take more than the budget twice, and computes the same (M5)', async () => {
    const copied = await (await cache.graph(text, 'encoder')).run(ids);
    await cache.close();
    const bytes = text.manifest.files.find(({ path }) => path === 'encoder.onnx')!.bytes;
    cache = newCache({ ...cpu, budgetBytes: 2 * bytes - 1 });
    const mapped = await (await cache.graph(text, 'encoder')).run(ids);
    expect(logged.at(-1)).toBe('pocket-text/encoder opened on cpu, its weights left in the file');
    expect(mapped['context']!.data).toEqual(copied['context']!.data);
  });

  test('counts at least the bytes of the files', async () => {
    await cache.graph(text, 'encoder');
    const { bytes } = text.manifest.files.find((file) => file.path === 'encoder.onnx') ?? { bytes: 0 };
    expect(bytes).toBeGreaterThan(0);
    expect(cache.heldBytes).toBeGreaterThanOrEqual(bytes);
  });

  test('goes on to the next device where one cannot be used, and says so', async () => {
    cache = newCache({ ...cpu, devices: [{ kind: 'cuda', index: 99 }, { kind: 'cpu' }] });
    await cache.graph(text, 'encoder');
    expect(logged[0]).toMatch(/cuda:99 cannot be used, trying the next device/);
    expect(fields[0]).toEqual({ device: 'cuda:99', reason: expect.stringContaining('cuda:99') as unknown });
    expect(logged[1]).toBe('pocket-text/encoder opened on cpu');
  });

  test('fails with RESOURCE_ENGINE when no device is left', async () => {
    cache = newCache({ ...cpu, devices: [{ kind: 'cuda', index: 99 }] });
    await expect(cache.graph(text, 'encoder')).rejects.toMatchObject({ code: 'RESOURCE_ENGINE' });
  });

  test('names the graphs there are when asked for another', async () => {
    await expect(cache.graph(text, 'decoder')).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('only encoder'),
    });
  });
});

describe('with a torch process', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'shotline-torch-'));
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  test('a graph that it has a module for runs there, any other in ONNX Runtime (M6)', async () => {
    const python = join(dir, 'python');
    const answer = `JSON.stringify({ id, known: kind === 'open' && graph === 'decoder' })`;
    const code = `require('node:readline').createInterface({ input: process.stdin })
      .on('line', (line) => { const { id, kind, graph } = JSON.parse(line); console.log(${answer}); });`;
    await writeFile(python, `#!${process.execPath}\n${code}`, { mode: 0o755 });
    cache = newCache({ ...cpu, torch: { python } });
    await cache.graph(text, 'encoder');
    await cache.graph(vae, 'decoder');
    expect(logged).toEqual(['pocket-text/encoder opened on cpu', 'pocket-vae/decoder opened on cpu in torch']);
  });
});

describe('a file that is not what its manifest says', () => {
  let dir: string;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'shotline-package-'));
    await cp(packageDir('pocket-text'), dir, { recursive: true });
  });

  afterEach(() => rm(dir, { recursive: true, force: true }));

  const withGraph = (change: (encoder: ModelManifest['graphs'][string]) => object): LocalPackage => {
    const encoder = text.manifest.graphs['encoder'];
    if (encoder === undefined) throw new Error('pocket-text has no encoder');
    return { dir, manifest: { ...text.manifest, graphs: { encoder: { ...encoder, ...change(encoder) } } } };
  };

  test.each([
    [
      'name',
      { inputs: [{ name: 'ids', type: 'int64', shape: ['B', 'T'] }] },
      'names the input ids, the file has input_ids',
    ],
    ['type', { inputs: [{ name: 'input_ids', type: 'float32', shape: ['B', 'T'] }] }, 'input input_ids is int64'],
    [
      'rank',
      { inputs: [{ name: 'input_ids', type: 'int64', shape: ['B'] }] },
      'has shape [B, T], the manifest says [B]',
    ],
    [
      'width',
      { outputs: [{ name: 'context', type: 'float32', shape: ['B', 'T', 64] }] },
      'the manifest says [B, T, 64]',
    ],
  ])('in a %s is refused at load', async (_what, change, message) => {
    const wrong = withGraph(() => change);
    await expect(cache.graph(wrong, 'encoder')).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining(message),
    });
  });

  test('because it is no model at all is refused at load', async () => {
    await writeFile(join(dir, 'encoder.onnx'), 'this is not a model');
    await expect(cache.graph({ dir, manifest: text.manifest }, 'encoder')).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('ONNX Runtime cannot open the file'),
    });
  });

  test('without a manifest that can be read is refused', async () => {
    await writeFile(join(dir, 'model.json'), (await readFile(join(dir, 'model.json'), 'utf8')).slice(0, 100));
    await expect(readPackage(dir)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });
});

describe('a call that breaks the manifest', () => {
  const data = new BigInt64Array(32);
  test.each([
    ['lacks an input', {}, 'lacks the input input_ids'],
    [
      'has one too many',
      { ...ids, mask: { type: 'float32', shape: [1], data: new Float32Array(1) } },
      'the input mask',
    ],
    ['has another type', { input_ids: { type: 'float32', shape: [1, 32], data: new Float32Array(32) } }, 'as float32'],
    ['has another rank', { input_ids: { type: 'int64', shape: [32], data } }, 'with shape [32]'],
    ['has a buffer of another length', { input_ids: { type: 'int64', shape: [1, 31], data } }, 'holds 32 elements'],
    ['has an empty axis', { input_ids: { type: 'int64', shape: [0, 32], data } }, 'with shape [0, 32]'],
  ] as const)('because it %s never reaches the model', async (_what, inputs, message) => {
    const graph = await cache.graph(text, 'encoder');
    await expect(graph.run(inputs)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining(message),
    });
  });
});
