import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { filmFrames } from '../../media/film-frames.ts';
import { writeFrameFile } from '../../media/frame-file.ts';
import { probeVideo } from '../../media/probe.ts';
import type { SegmentTask, UpscaleParams } from '../../story/plan/task.ts';
import { engineConfigFromEnv } from '../../engine/config.ts';
import type { Graph } from '../../engine/graph.ts';
import { ModelCache, readPackage, type LocalPackage } from '../../engine/models.ts';
import { runSegment } from '../../workers/sr/pipeline.ts';
import { FakeEngineJob } from '../fakes/fake-engine-job.ts';

jest.setTimeout(120_000);

/** Graphs of a few numbers each, with the contract of a published upscaler that denoises: modeling/goldens/small_upscaler.py. */
const packageDir = fileURLToPath(new URL('fixtures/small-upscale', import.meta.url));
const clip = { count: 14, width: 32, height: 20 };
const film = { width: 192, height: 108, fps: 24 };
const upscale: UpscaleParams = {
  prompt: 'a red boat',
  negative: 'blur',
  seed: 5,
  sampler: 'ddim',
  steps: 2,
  guidance: 5,
  rescale: 0,
  noiseLevel: 50,
  chunk: 8,
  frames: clip.count,
};
let folder: string;
let clipFile: string;
let source: LocalPackage;
let cache: ModelCache;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shotline-vsr-'));
  clipFile = path.join(folder, 'clip.safetensors');
  const frameBytes = 3 * clip.width * clip.height;
  const data = Uint8Array.from({ length: clip.count * frameBytes }, (_, index) => (index * 7) % 250);
  await writeFrameFile(clipFile, { ...clip, data });
  source = await readPackage(packageDir);
  cache = new ModelCache(engineConfigFromEnv({ SHOTLINE_THREADS: '1' }), () => undefined);
});
afterAll(async () => {
  await cache.close();
  await rm(folder, { recursive: true });
});

interface Questions {
  readonly shapes: number[][];
}

/** A graph that keeps the shapes of what it is asked. */
const watched = (graph: Graph, { shapes }: Questions): Graph => ({
  run: (inputs) => {
    shapes.push([...inputs['sample']!.shape]);
    return graph.run(inputs);
  },
});

async function makeSegment(
  { from, count }: { readonly from: number; readonly count: number },
  more: { readonly shrink?: number; readonly checkpointFile?: string; readonly cancelInStep?: number } = {},
  params: Partial<UpscaleParams> = {},
): Promise<{ readonly job: FakeEngineJob; readonly asked: Questions; readonly run: Promise<void> }> {
  const asked: Questions = { shapes: [] };
  const job = await FakeEngineJob.create({
    inputFiles: [clipFile],
    graphs: {
      'upscale/denoiser': watched(await cache.graph(source, 'denoiser'), asked),
      'upscale/text': await cache.graph(source, 'text'),
      'upscale/decoder': await cache.graph(source, 'decoder'),
    },
    manifests: { upscale: source.manifest },
    packageDirs: { upscale: source.dir },
    ...more,
  });
  const task: SegmentTask = {
    stage: 'segment',
    stageVersion: 1,
    key: 'c'.repeat(64),
    inputs: [{ stage: 'interp', key: 'b'.repeat(64) }],
    packages: {},
    params: { from, count, ...film, diffusion: { ...upscale, ...params } },
  };
  return { job, asked, run: runSegment(task, job) };
}

describe('a segment of an upscaler that denoises', () => {
  test('has the frames and the size of the film, and its words move the picture', async () => {
    const made = await makeSegment({ from: 2, count: 5 });
    await made.run;
    expect(await probeVideo(made.job.outputFile)).toMatchObject({ width: 192, height: 108, frames: 5 });
    // Chunks 0-7 and 4-11 and 6-13 reach into the segment; rows beyond the film's shape are cut off; both prompts at once.
    expect(made.asked.shapes.every((shape) => String(shape) === '2,7,8,18,32')).toBe(true);
    expect(made.job.reports.filter(({ unit }) => unit === 'step')).toHaveLength(2);
    const other = await makeSegment({ from: 2, count: 5 }, {}, { prompt: '' });
    await other.run;
    expect(await picturesOf(other.job.outputFile)).not.toEqual(await picturesOf(made.job.outputFile));
    await made.job.dispose();
    await other.job.dispose();
  });

  test('after running out of memory it asks for one prompt at a time, of the same tiles', async () => {
    const made = await makeSegment({ from: 0, count: 2 }, { shrink: 5 });
    await made.run;
    const usual = await makeSegment({ from: 0, count: 2 });
    await usual.run;
    expect(new Set(made.asked.shapes.map(([batch]) => batch))).toEqual(new Set([1]));
    const sizes = ({ asked }: typeof made) => new Set(asked.shapes.map((shape) => shape.slice(2).join('x')));
    expect(sizes(made)).toEqual(sizes(usual));
    await usual.job.dispose();
    await made.job.dispose();
  });

  test('goes on from its checkpoint to the same bytes', async () => {
    const whole = await makeSegment({ from: 0, count: 3 });
    await whole.run;
    const cut = await makeSegment({ from: 0, count: 3 }, { cancelInStep: 1 });
    await expect(cut.run).rejects.toThrow();
    const resumed = await makeSegment({ from: 0, count: 3 }, { checkpointFile: cut.job.checkpoints.at(-1)!.file });
    await resumed.run;
    expect(resumed.job.resumedFrom).toBe(1);
    expect(await readFile(resumed.job.outputFile)).toEqual(await readFile(whole.job.outputFile));
    for (const { job } of [whole, cut, resumed]) await job.dispose();
  });

  test('neighbours that are made apart meet without a seam', async () => {
    const [first, second] = [await makeSegment({ from: 0, count: 9 }), await makeSegment({ from: 8, count: 6 })];
    await first.run;
    await second.run;
    const [last, same] = [
      (await picturesOf(first.job.outputFile)).at(-1)!,
      (await picturesOf(second.job.outputFile))[0]!,
    ];
    const apart = last.reduce((sum, value, index) => sum + Math.abs(value - same[index]!), 0) / last.length;
    const spread = last.reduce((sum, value) => sum + Math.abs(value - 128), 0) / last.length;
    expect(apart / spread).toBeLessThan(0.25);
    for (const { job } of [first, second]) await job.dispose();
  });
});

/** The pictures of a segment. */
async function picturesOf(file: string): Promise<Uint8Array[]> {
  const { frames } = await probeVideo(file);
  const indices = Array.from({ length: frames }, (_, index) => index);
  const pictures: Uint8Array[] = [];
  for await (const { data } of filmFrames(file, indices, { maxWidth: film.width })) pictures.push(data);
  return pictures;
}
