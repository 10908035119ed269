import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rm } from 'node:fs/promises';
import { FakeEngineJob } from '../../test/fakes/fake-engine-job.ts';
import { fakeManifests, fakeTextEncoder, writeTextPackage } from '../../test/fakes/fake-clip-models.ts';
import type { ModelManifest } from '../../story/models/model-manifest.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { encodeClipText } from './clip-text.ts';
import type { Graph, GraphTensors } from '../../engine/graph.ts';
import { openTextEncoder, replaceTokens } from './text-encoder.ts';

const port = (name: string, type: 'float32' | 'int64' = 'float32') => ({ name, type, shape: ['B', 6] });
const textGraph = (inputs: readonly ReturnType<typeof port>[]) => ({
  file: 'text.onnx',
  inputs: [...inputs],
  outputs: [port('context')],
});
const base = fakeManifests.base;
/** A denoiser that was trained with a text encoder of its own. */
const ownText = (inputs: readonly ReturnType<typeof port>[], trim = false): ModelManifest => ({
  ...base,
  context: { width: 4, tokens: 6, ...(trim ? { trim } : {}) },
  graphs: { ...base.graphs, text: textGraph(inputs) },
});
const ids = [port('input_ids', 'int64')];
let dir: string;
beforeAll(async () => {
  dir = await writeTextPackage();
});
afterAll(async () => {
  await rm(dir, { recursive: true });
});

async function jobWith(manifest: ModelManifest, graphs: Readonly<Record<string, Graph>>): Promise<FakeEngineJob> {
  return FakeEngineJob.create({
    graphs,
    manifests: { text: fakeManifests.text, base: manifest },
    packageDirs: { text: dir, base: dir },
  });
}

const words = { prompt: 'a red boat', negative: '', frames: 16 };

describe('openTextEncoder', () => {
  test('takes the encoder of the set where a denoiser brings none', async () => {
    const job = await jobWith(base, { 'text/encoder': fakeTextEncoder });
    const { context, used } = await (await openTextEncoder(job, 'base')).encode('a red boat');
    expect(context.shape).toEqual([1, 1, 6, 4]);
    expect(used).toBe(3);
    await job.dispose();
  });

  test('takes the encoder in the package of the denoiser where it brings one', async () => {
    const job = await jobWith(ownText(ids), { 'base/text': fakeTextEncoder });
    const { positive } = await encodeClipText(job, 'base', words, null);
    expect([...positive.data].filter((_, index) => index % 4 === 0)).toEqual([2, 3, 4, 0, 0, 0]);
    await job.dispose();
  });

  test('a denoiser that wants no padding gets as many rows as the longest prompt has tokens', async () => {
    const job = await jobWith(ownText(ids, true), { 'base/text': fakeTextEncoder });
    const prompts = [
      { at: 0, prompt: 'a boat' },
      { at: 1, prompt: 'a red boat sails' },
    ];
    const text = await encodeClipText(job, 'base', { ...words, prompts }, null);
    expect(text.positive.shape).toEqual([1, 16, 4, 4]);
    expect(text.negative.shape).toEqual([1, 16, 4, 4]);
    await job.dispose();
  });

  test('an encoder that takes words is told where they stand, and that they stand nowhere', async () => {
    const asked: GraphTensors[] = [];
    const graph: Graph = {
      run: (inputs) => {
        asked.push(inputs);
        return fakeTextEncoder.run(inputs);
      },
    };
    const job = await jobWith(ownText([...ids, port('tokens'), port('place', 'int64')]), { 'base/text': graph });
    const encoder = await openTextEncoder(job, 'base');
    expect(encoder.takesWords).toBe(true);
    const rows = new Tensor(
      [2, 4],
      Float32Array.from({ length: 8 }, (_, index) => index),
    );
    const { used } = await encoder.encode('a boat sails', { rows, first: 1, count: 1 });
    await encoder.encode('');
    expect(used).toBe(4);
    expect(asked.map((inputs) => inputs['place']!.data)).toEqual([BigInt64Array.of(1n), BigInt64Array.of(-1n)]);
    expect(asked.map((inputs) => inputs['tokens']!.shape)).toEqual([
      [1, 2, 4],
      [1, 1, 4],
    ]);
    expect(asked[0]!['input_ids']!.data).toEqual(BigInt64Array.of(2n, 4n, 4n, 5n, 0n, 0n));
    await job.dispose();
  });
});

describe('replaceTokens', () => {
  const rows = (count: number): Tensor => Tensor.zeros([count, 4]);

  test('moves what stands behind the word, and takes the room from the padding', () => {
    expect(replaceTokens({ ids: [9, 1, 2, 3, 8, 0, 0, 0], used: 5 }, { rows: rows(3), first: 2, count: 1 })).toEqual([
      9, 1, 2, 2, 2, 3, 8, 0,
    ]);
  });

  test('a word of more tokens than there are rows leaves room behind', () => {
    expect(replaceTokens({ ids: [9, 1, 2, 3, 8, 0], used: 5 }, { rows: rows(1), first: 1, count: 3 })).toEqual([
      9, 1, 8, 0, 0, 0,
    ]);
  });

  test('a sentence that becomes too long keeps its end token', () => {
    expect(replaceTokens({ ids: [9, 1, 2, 3, 4, 8], used: 6 }, { rows: rows(4), first: 1, count: 1 })).toEqual([
      9, 1, 1, 1, 1, 8,
    ]);
  });
});
