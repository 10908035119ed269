import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { filmFrames } from '../../media/film-frames.ts';
import { writeFrameFile } from '../../media/frame-file.ts';
import { frameToYuv } from '../../media/frames-to-yuv.ts';
import { probeVideo } from '../../media/probe.ts';
import { parseManifest, type ModelManifest } from '../../story/models/model-manifest.ts';
import type { SegmentTask } from '../../story/plan/task.ts';
import { engineConfigFromEnv } from '../../engine/config.ts';
import { EngineCancelled, type EngineJob } from '../../engine/engine-job.ts';
import type { Graph } from '../../engine/graph.ts';
import { ModelCache, readPackage } from '../../engine/models.ts';
import { runSegment } from '../../workers/sr/pipeline.ts';
import { framesPerCall } from '../../workers/sr/upscale.ts';

jest.setTimeout(60_000);

const upscalerDir = fileURLToPath(new URL('../../models/packages/pocket-upscale', import.meta.url));
const clipSize = { count: 9, width: 32, height: 18 };
let folder: string;
let clipFile: string;
let manifest: ModelManifest;

/** Each frame of the clip has a grey of its own. */
const greyOf = (n: number): number => 40 + n * 20;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shotline-sr-'));
  clipFile = path.join(folder, 'clip.safetensors');
  const frameBytes = 3 * clipSize.width * clipSize.height;
  const data = Uint8Array.from({ length: clipSize.count * frameBytes }, (_, index) =>
    greyOf(Math.floor(index / frameBytes)),
  );
  await writeFrameFile(clipFile, { ...clipSize, data });
  manifest = parseManifest(JSON.parse(await readFile(path.join(upscalerDir, 'model.json'), 'utf8')));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A graph that paints each frame in the grey of its first pixel, and remembers what it was asked for. */
class GreyPainter implements Graph {
  readonly calls: number[][] = [];

  run(inputs: Parameters<Graph['run']>[0]): ReturnType<Graph['run']> {
    const frames = inputs['frames']!.data as Float32Array;
    const [count, , h, w] = inputs['frames']!.shape as [number, number, number, number];
    const [height, width] = [...(inputs['size']!.data as BigInt64Array)].map(Number) as [number, number];
    const greys = Array.from({ length: count }, (_, n) => frames[n * 3 * h * w]!);
    this.calls.push(greys.map((grey) => Math.round((grey + 1) * 127.5)));
    const planes = greys.map((grey) => frameToYuv(new Float32Array(3 * width * height).fill(grey), width, height));
    const output = (name: 'y' | 'u' | 'v') => ({
      type: 'uint8' as const,
      shape: [count, planes[0]![name].length],
      data: Uint8Array.from(planes.flatMap((plane) => [...plane[name]])),
    });
    return Promise.resolve({ y: output('y'), u: output('u'), v: output('v') });
  }
}

interface Lent {
  readonly job: EngineJob;
  readonly output: string;
  readonly progress: number[];
}

function lend(graph: Graph, name: string, more: Partial<EngineJob> = {}): Lent {
  const output = path.join(folder, `${name}.mp4`);
  const progress: number[] = [];
  const job: EngineJob = {
    inputFiles: [clipFile],
    outputFile: output,
    checkpointFile: null,
    scratchDir: folder,
    checkpointEvery: 0,
    shrink: 0,
    graphs: () => Promise.resolve(graph),
    manifest: () => manifest,
    packageDir: () => upscalerDir,
    progress: (_, done) => progress.push(done),
    resumed: () => undefined,
    throwIfCancelled: () => Promise.resolve(),
    stepDone: () => Promise.resolve(),
    ...more,
  };
  return { job, output, progress };
}

const taskOf = (params: Partial<SegmentTask['params']> = {}): SegmentTask => ({
  stage: 'segment',
  stageVersion: 1,
  key: 'a'.repeat(64),
  inputs: [{ stage: 'interp', key: 'b'.repeat(64) }],
  packages: {},
  params: { from: 2, count: 6, width: 128, height: 72, fps: 24, ...params },
});

async function greysOf(file: string, count: number): Promise<number[]> {
  const greys = [];
  for await (const picture of filmFrames(
    file,
    Array.from({ length: count }, (_, n) => n),
    { maxWidth: 16 },
  ))
    greys.push(picture.data[60]!);
  return greys;
}

const hash = async (file: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex');

describe('runSegment', () => {
  test('upscales and encodes exactly its frames of the clip', async () => {
    const painter = new GreyPainter();
    const { job, output, progress } = lend(painter, 'exact');
    await runSegment(taskOf(), job);
    expect(await probeVideo(output)).toMatchObject({ width: 128, height: 72, fps: 24, frames: 6 });
    (await greysOf(output, 6)).forEach((grey, n) => {
      expect(Math.abs(grey - greyOf(n + 2))).toBeLessThanOrEqual(3);
    });
    expect(painter.calls).toEqual([[2, 3, 4, 5].map(greyOf), [6, 7].map(greyOf)]);
    expect(progress).toEqual([4, 6]);
  });

  test('gives the same bytes with fewer frames per call', async () => {
    const files = [];
    for (const shrink of [0, 1, 2, 9]) {
      const painter = new GreyPainter();
      const { job, output } = lend(painter, `shrink-${String(shrink)}`, { shrink });
      await runSegment(taskOf(), job);
      expect(Math.max(...painter.calls.map((call) => call.length))).toBe([4, 2, 1][shrink] ?? 1);
      files.push(await hash(output));
    }
    expect(new Set(files).size).toBe(1);
  });

  test('gives the model its neighbours and drops their pictures', async () => {
    const painter = new GreyPainter();
    const withNeighbours = { ...manifest, temporalContext: 2 } as ModelManifest;
    const { job, output } = lend(painter, 'context', { manifest: () => withNeighbours });
    await runSegment(taskOf({ from: 0, count: 9 }), job);
    expect(painter.calls).toEqual([
      [0, 1, 2, 3, 4, 5].map(greyOf),
      [2, 3, 4, 5, 6, 7, 8].map(greyOf),
      [6, 7, 8].map(greyOf),
    ]);
    (await greysOf(output, 9)).forEach((grey, n) => {
      expect(Math.abs(grey - greyOf(n))).toBeLessThanOrEqual(3);
    });
  });

  test('stops between two calls when it is cancelled', async () => {
    const painter = new GreyPainter();
    const throwIfCancelled = () =>
      painter.calls.length === 1 ? Promise.reject(new EngineCancelled()) : Promise.resolve();
    await expect(runSegment(taskOf(), lend(painter, 'cancelled', { throwIfCancelled }).job)).rejects.toBeInstanceOf(
      EngineCancelled,
    );
    expect(painter.calls).toHaveLength(1);
  });

  test('refuses frames that the clip lacks, and a model that paints another size', async () => {
    await expect(runSegment(taskOf({ from: 5 }), lend(new GreyPainter(), 'lacks').job)).rejects.toMatchObject({
      code: 'ARTIFACT_CORRUPT',
    });
    const half: Graph = {
      run: (inputs) =>
        new GreyPainter().run({ ...inputs, size: { type: 'int64', shape: [2], data: BigInt64Array.of(36n, 128n) } }),
    };
    await expect(runSegment(taskOf(), lend(half, 'half').job)).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });

  test('makes 4K with the pocket upscaler', async () => {
    const cache = new ModelCache(engineConfigFromEnv({ SHOTLINE_THREADS: '2' }), () => undefined);
    const graph = await cache.graph(await readPackage(upscalerDir), 'upscaler');
    const { job, output } = lend(graph, 'uhd');
    await runSegment(taskOf({ count: 2, width: 3840, height: 2160 }), job);
    expect(await probeVideo(output)).toMatchObject({ width: 3840, height: 2160, frames: 2, bt709: true });
    (await greysOf(output, 2)).forEach((grey, n) => {
      expect(Math.abs(grey - greyOf(n + 2))).toBeLessThanOrEqual(30);
    });
  });
});

describe('a disc stays round', () => {
  /** Rows and columns of a picture in which something is bright. */
  const sidesOf = ({ width, height, data }: { width: number; height: number; data: Uint8Array }) => {
    const bright = (column: number, row: number) => data[3 * (row * width + column)]! > 128;
    const range = (length: number) => Array.from({ length }, (_, index) => index);
    const columns = range(width).filter((column) => range(height).some((row) => bright(column, row)));
    const rows = range(height).filter((row) => range(width).some((column) => bright(column, row)));
    return { columns, rows };
  };

  test.each<[string, Partial<SegmentTask['params']>, Partial<Record<'width' | 'height' | 'left', number>>]>([
    ['in a film of the clip’s shape', { width: 256, height: 144 }, { width: 80, left: 88 }],
    ['in an upright one', { width: 144, height: 256, framing: { kind: 'crop', focus: 0.5 } }, { height: 142 }],
    [
      'in a square one that looks to the left',
      { width: 144, height: 144, framing: { kind: 'crop', focus: 0.25 } },
      { left: 60 },
    ],
    ['in a square one with bars', { width: 144, height: 144, framing: { kind: 'pad' } }, { width: 45, left: 50 }],
    ['in a wide one', { width: 384, height: 160, framing: { kind: 'crop', focus: 0.5 } }, { width: 120 }],
  ])('%s', async (name, params, expected) => {
    const [width, height, radius] = [64, 36, 10];
    const data = Uint8Array.from({ length: 3 * width * height }, (_, index) => {
      const [x, y] = [(index % width) + 0.5 - width / 2, (Math.floor(index / width) % height) + 0.5 - height / 2];
      return Math.hypot(x, y) < radius ? 230 : 30;
    });
    const clip = path.join(folder, 'disc.safetensors');
    await writeFrameFile(clip, { count: 1, width, height, data });
    const cache = new ModelCache(engineConfigFromEnv({ SHOTLINE_THREADS: '2' }), () => undefined);
    const graph = await cache.graph(await readPackage(upscalerDir), 'upscaler');
    const { job, output } = lend(graph, 'disc', { inputFiles: [clip] });
    await runSegment(taskOf({ from: 0, count: 1, ...params }), job);
    for await (const picture of filmFrames(output, [0], { maxWidth: 1000 })) {
      const { columns, rows } = sidesOf(picture);
      expect(Math.abs(columns.length - rows.length)).toBeLessThanOrEqual(2);
      const found = { width: columns.length, height: rows.length, left: columns[0]! };
      for (const [key, value] of Object.entries(expected)) {
        expect([name, key, Math.abs(found[key as keyof typeof found] - value) <= 3]).toEqual([name, key, true]);
      }
    }
  });
});

describe('framesPerCall', () => {
  test.each([
    [3840, 2160, 0, 1],
    [1920, 1080, 0, 4],
    [1920, 1080, 1, 2],
    [320, 180, 0, 4],
    [7680, 4320, 3, 1],
  ])('at %dx%d and retry level %d is %d', (width, height, shrink, expected) => {
    expect(framesPerCall({ width, height }, shrink)).toBe(expected);
  });
});
