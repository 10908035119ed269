import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelManifest } from '../../story/models/model-manifest.ts';
import type { BaseTask } from '../../story/plan/task.ts';
import { encodeSafetensors } from '../../tensor/safetensors.ts';
import {
  clipParams,
  fakeLatent,
  fakeManifests,
  FakeDenoiser,
  fakeTextEncoder,
  writeTextPackage,
} from '../../test/fakes/fake-clip-models.ts';
import { FakeEngineJob } from '../../test/fakes/fake-engine-job.ts';
import { runBase } from '../base/pipeline.ts';
import type { Graph, GraphTensors } from '../../engine/graph.ts';

const upload = 'f'.repeat(64);
const task = (changes: Partial<BaseTask['params']> = {}): BaseTask => ({
  stage: 'base',
  stageVersion: 1,
  key: 'b'.repeat(64),
  params: clipParams({ prompt: 'a red {boat} sails', subject: upload, ...changes }),
  inputs: [{ stage: 'upload', key: upload }],
  packages: {},
});

let textDir: string;
const jobs: FakeEngineJob[] = [];
beforeAll(async () => {
  textDir = await writeTextPackage();
});
afterAll(async () => {
  await rm(textDir, { recursive: true });
  for (const job of jobs) await job.dispose();
});

/** An encoder whose latents are the mean of the picture, and a vision encoder whose tokens are picture and word. */
class Seen {
  readonly vision: GraphTensors[] = [];
  readonly #tokens: readonly [first: number, second: number];

  constructor(...[first = 100, second = 200]: readonly number[]) {
    this.#tokens = [first, second];
  }

  readonly encoder: Graph = {
    run: (inputs) => {
      const mean = meanOf(inputs['frames']!.data as Float32Array);
      const data = new Float32Array(fakeLatent.channels * 4).fill(mean);
      return Promise.resolve({ latents: { type: 'float32', shape: [1, fakeLatent.channels, 2, 2], data } });
    },
  };
  readonly look: Graph = {
    run: (inputs) => {
      this.vision.push(structuredClone(inputs));
      const data = Float32Array.from(this.#tokens.flatMap((token) => Array<number>(4).fill(token)));
      return Promise.resolve({ tokens: { type: 'float32', shape: [1, 2, 4], data } });
    },
  };
}

function meanOf(data: Float32Array): number {
  return data.reduce((sum, value) => sum + value, 0) / data.length;
}

async function newJob(
  denoiser: Graph,
  seen: Seen,
  manifest: ModelManifest = fakeManifests.subject,
): Promise<FakeEngineJob> {
  const { scratchDir } = await FakeEngineJob.create({ graphs: {}, manifests: {} }).then((job) => (jobs.push(job), job));
  const file = join(scratchDir, 'upload');
  const data = new Uint8Array(3 * 64).fill(51);
  await writeFile(file, encodeSafetensors({ picture: { type: 'uint8', shape: [3, 8, 8], data } }));
  const job = await FakeEngineJob.create({
    graphs: {
      'text/encoder': fakeTextEncoder,
      'vae/encoder': seen.encoder,
      'subject/vision': seen.look,
      'subject/denoiser': denoiser,
    },
    manifests: { ...fakeManifests, subject: manifest },
    packageDirs: { text: textDir },
    inputFiles: [file],
  });
  jobs.push(job);
  return job;
}

const valuesOf = (call: GraphTensors | undefined, name: string): number[] =>
  [...(call?.[name]?.data ?? [])].map(Number);

describe('a base clip with a subject', () => {
  test('has the tokens of its picture in the place of the word, for the prompt alone', async () => {
    const [denoiser, seen] = [new FakeDenoiser(), new Seen()];
    await runBase(task(), await newJob(denoiser, seen));
    const words = valuesOf(denoiser.calls[0], 'context').filter((_, index) => index % 4 === 0);
    // Negative first; then a, red, the two tokens where boat was, sails, padding.
    expect(words).toEqual([0, 0, 0, 0, 0, 0, 2, 3, 100, 200, 5, 0]);
    expect(valuesOf(seen.vision[0], 'word')).toEqual([4, 4, 4, 4]);
    expect(seen.vision[0]?.['picture']?.shape).toEqual([1, 3, 4, 4]);
    valuesOf(seen.vision[0], 'picture').forEach((value) => {
      expect(value).toBeCloseTo(51 / 127.5 - 1, 6);
    });
  });

  test('shows the exemplar to the entry of the prompt and not to the negative one, in every step', async () => {
    const [denoiser, seen] = [new FakeDenoiser(), new Seen()];
    await runBase(task(), await newJob(denoiser, seen));
    expect(denoiser.calls).toHaveLength(6);
    for (const call of denoiser.calls) {
      expect(valuesOf(call, 'has_exemplar')).toEqual([0, 1]);
      expect(call['exemplar']?.shape).toEqual([2, 2, 2, 2]);
      valuesOf(call, 'exemplar').forEach((value) => {
        expect(value).toBeCloseTo((51 / 127.5 - 1) * fakeLatent.scale, 6);
      });
    }
  });

  test.each([
    [1, [1]],
    [0, [0]],
  ])('at guidance %p asks once, and says for which', async (guidance, has) => {
    const denoiser = new FakeDenoiser();
    await runBase(task({ guidance }), await newJob(denoiser, new Seen()));
    expect(valuesOf(denoiser.calls[0], 'has_exemplar')).toEqual(has);
  });

  test('noises the exemplar to each timestep where its manifest says so, alike in all shots that show the picture', async () => {
    const subject = { picture: 4, tokens: 2, noised: true };
    const manifest = { ...fakeManifests.subject, subject } as ModelManifest;
    const calls: GraphTensors[][] = [];
    for (const seed of [7, 8]) {
      const denoiser = new FakeDenoiser();
      await runBase(task({ seed }), await newJob(denoiser, new Seen(), manifest));
      calls.push(denoiser.calls);
    }
    const spreads = calls[0]!.map((call) => {
      const values = valuesOf(call, 'exemplar').slice(0, 8);
      const mean = meanOf(Float32Array.from(values));
      return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0));
    });
    expect(spreads).toEqual([...spreads].sort((a, b) => b - a));
    expect(calls[1]!.map((call) => valuesOf(call, 'exemplar'))).toEqual(
      calls[0]!.map((call) => valuesOf(call, 'exemplar')),
    );
  });

  test('gives a graph that asks for it the context of the exemplar: that of the negative prompt', async () => {
    const { graphs, ...rest } = fakeManifests.subject;
    const inputs = [...graphs['denoiser']!.inputs, { name: 'exemplar_context', type: 'float32', shape: ['B'] }];
    const manifest = { ...rest, graphs: { ...graphs, denoiser: { ...graphs['denoiser'], inputs } } } as ModelManifest;
    const denoiser = new FakeDenoiser();
    await runBase(task({ negative: 'a boat' }), await newJob(denoiser, new Seen(), manifest));
    expect(denoiser.calls[0]?.['exemplar_context']?.shape).toEqual([2, 1, 6, 4]);
    const words = valuesOf(denoiser.calls[0], 'exemplar_context').filter((_, index) => index % 4 === 0);
    expect(words).toEqual([2, 4, 0, 0, 0, 0, 2, 4, 0, 0, 0, 0]);
  });

  test('has its tokens in each of several prompts', async () => {
    const [denoiser, seen] = [new FakeDenoiser(), new Seen()];
    const prompts = [
      { at: 0, prompt: 'a {boat}' },
      { at: 1, prompt: 'red {boat} sails' },
    ];
    await runBase(task({ prompts, guidance: 1 }), await newJob(denoiser, seen));
    expect(seen.vision).toHaveLength(2);
    const rows = valuesOf(denoiser.calls.at(-1), 'context').filter((_, index) => index % 4 === 0);
    expect(rows.slice(0, 6)).toEqual([2, 100, 200, 0, 0, 0]);
    expect(rows.slice(-6)).toEqual([3, 100, 200, 5, 0, 0]);
  });

  test('ends when the vision encoder answers NaN', async () => {
    const job = await newJob(new FakeDenoiser(), new Seen(Number.NaN));
    await expect(runBase(task(), job)).rejects.toMatchObject({ code: 'NUMERIC_INVALID' });
  });
});
