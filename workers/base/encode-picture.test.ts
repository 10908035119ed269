import { afterAll, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PictureTask } from '../../story/plan/task.ts';
import { encodeSafetensors } from '../../tensor/safetensors.ts';
import { fakeLatent, fakeManifests } from '../../test/fakes/fake-clip-models.ts';
import { FakeEngineJob } from '../../test/fakes/fake-engine-job.ts';
import { readLatents } from '../sampling/clip-files.ts';
import { fitPicture } from '../sampling/picture-latents.ts';
import type { Graph, GraphTensor, GraphTensors } from '../../engine/graph.ts';
import { runPicture } from './encode-picture.ts';

const jobs: FakeEngineJob[] = [];
afterAll(async () => {
  for (const job of jobs) await job.dispose();
});

const task: PictureTask = {
  stage: 'picture',
  stageVersion: 1,
  key: 'a'.repeat(64),
  params: { picture: 'b'.repeat(64), width: 6, height: 4 },
  inputs: [],
  packages: {},
};

/** An encoder whose latents are the first pixels of red and of green of each 2 x 2 block. */
const encoder = (change: (value: number) => number = (value) => value): Graph & { calls: GraphTensors[] } => ({
  calls: [],
  run(inputs) {
    this.calls.push(inputs);
    const { shape, data } = inputs['frames'] as Extract<GraphTensor, { type: 'float32' }>;
    const [, , height, width] = shape as readonly [number, number, number, number];
    const latents = [0, 1].flatMap((channel) =>
      [0, 1].flatMap((y) => [0, 1, 2].map((x) => change(data[(channel * height + 2 * y) * width + 2 * x]!))),
    );
    return Promise.resolve({ latents: { type: 'float32', shape: [1, 2, 2, 3], data: Float32Array.from(latents) } });
  },
});

async function jobWith(graph: Graph, upload: Uint8Array): Promise<FakeEngineJob> {
  const { scratchDir } = await FakeEngineJob.create({ graphs: {}, manifests: {} }).then((job) => (jobs.push(job), job));
  const file = join(scratchDir, 'upload');
  await writeFile(file, upload);
  const graphs = { 'vae/encoder': graph };
  const job = await FakeEngineJob.create({ graphs, manifests: fakeManifests, inputFiles: [file] });
  jobs.push(job);
  return job;
}

const uploadOf = (width: number, height: number, data: Uint8Array): Uint8Array =>
  encodeSafetensors({ picture: { type: 'uint8', shape: [3, height, width], data } });

test('a picture becomes the latents of one frame, in the scale of the other latents', async () => {
  const graph = encoder();
  const data = Uint8Array.from({ length: 72 }, (_, index) => index);
  const job = await jobWith(graph, uploadOf(6, 4, data));
  await runPicture(task, job);
  expect(graph.calls[0]?.['frames']).toMatchObject({ type: 'float32', shape: [1, 3, 4, 6] });
  const { data: latents } = await readLatents(job.outputFile, [1, 2, 1, 2, 3]);
  const pixels = [0, 2, 4, 12, 14, 16, 24, 26, 28, 36, 38, 40];
  pixels.forEach((pixel, index) => {
    expect(latents[index]).toBeCloseTo((pixel / 127.5 - 1) * fakeLatent.scale, 6);
  });
});

test('of a picture of another shape the middle is taken', () => {
  // 12 x 4 pixels: left third black, middle white, right third black. The clip shows 6 x 4.
  const data = Uint8Array.from({ length: 3 * 12 * 4 }, (_, index) => (index % 12 >= 3 && index % 12 < 9 ? 255 : 0));
  expect(new Set(fitPicture({ shape: [3, 4, 12], data }, 6, 4))).toEqual(new Set([1]));
});

test('an upload that cannot be read is blamed by its file', async () => {
  const job = await jobWith(encoder(), Buffer.from('broken'));
  await expect(runPicture(task, job)).rejects.toMatchObject({
    code: 'ARTIFACT_CORRUPT',
    details: { file: job.inputFiles[0] },
  });
});

test('a model that answers NaN ends the task', async () => {
  const job = await jobWith(
    encoder(() => Number.NaN),
    uploadOf(6, 4, new Uint8Array(72)),
  );
  await expect(runPicture(task, job)).rejects.toMatchObject({ code: 'NUMERIC_INVALID' });
});

test('a picture of a film that crops its clips lies where the film looks, mirrored around it', async () => {
  const graph = encoder();
  // Ten columns, each of its own value; an upright film of 1:2 shows two of the clip's six columns.
  const data = Uint8Array.from({ length: 3 * 4 * 10 }, (_, index) => 20 * (index % 10));
  const job = await jobWith(graph, uploadOf(10, 4, data));
  const shown = { width: 500, height: 1000, focus: 0.5 };
  await runPicture({ ...task, params: { ...task.params, shown } }, job);
  const { data: pixels } = graph.calls[0]?.['frames'] as Extract<GraphTensor, { type: 'float32' }>;
  const row = [...pixels.subarray(0, 6)].map((value) => Math.round((value + 1) * 127.5));
  expect(row).toEqual([100, 80, 80, 100, 100, 80]);
});
