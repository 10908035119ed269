import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FrameFile, writeFrameFile, type RgbFrames } from '../../media/frame-file.ts';
import type { EnhanceTask } from '../../story/plan/task.ts';
import { engineConfigFromEnv } from '../../engine/config.ts';
import { ModelCache, readPackage, type LocalPackage } from '../../engine/models.ts';
import { runEnhance } from '../../workers/sr/enhance.ts';
import { enhancedSize } from '../../workers/sr/enhance-source.ts';
import { FakeEngineJob } from '../fakes/fake-engine-job.ts';

/** The enhance stage with the packages of the repository, on a clip of a few small frames. */
const roles = ['text', 'vae', 'enhance'] as const;
const clip = { count: 12, width: 80, height: 48 };
let folder: string;
let clipFile: string;
let packages: Record<(typeof roles)[number], LocalPackage>;
let cache: ModelCache;

/** A red ball on a sky that gets darker downwards; the ball moves to the right. */
function paint(): Uint8Array {
  const { count, width, height } = clip;
  const data = new Uint8Array(count * 3 * width * height);
  for (let frame = 0; frame < count; frame++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const isBall = (x - 20 - 3 * frame) ** 2 + (y - 24) ** 2 < 120;
        const colour = isBall ? [200, 40, 30] : [110, 160 - y, 230 - y];
        colour.forEach((value, channel) => {
          data[((frame * 3 + channel) * height + y) * width + x] = value;
        });
      }
    }
  }
  return data;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shotline-enhance-'));
  clipFile = path.join(folder, 'clip.safetensors');
  await writeFrameFile(clipFile, { ...clip, data: paint() });
  cache = new ModelCache(engineConfigFromEnv({ SHOTLINE_THREADS: '1' }), () => undefined);
  const found = await Promise.all(
    roles.map(async (role) => [
      role,
      await readPackage(fileURLToPath(new URL(`../../models/packages/pocket-${role}`, import.meta.url))),
    ]),
  );
  packages = Object.fromEntries(found) as typeof packages;
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function enhance(
  params: Partial<EnhanceTask['params']>,
  shrink = 0,
  ofVae: object = {},
  decoderCalls: number[] = [],
): Promise<RgbFrames> {
  const decoder = await cache.graph(packages.vae, 'decoder');
  const job = await FakeEngineJob.create({
    inputFiles: [clipFile],
    shrink,
    graphs: {
      'text/encoder': await cache.graph(packages.text, 'encoder'),
      'vae/encoder': await cache.graph(packages.vae, 'encoder'),
      'vae/decoder': {
        ...decoder,
        run: (inputs) => {
          decoderCalls.push(inputs['latents']?.shape[0] ?? 0);
          return decoder.run(inputs);
        },
      },
      'enhance/enhancer': await cache.graph(packages.enhance, 'enhancer'),
    },
    manifests: Object.fromEntries(
      roles.map((role) => [role, { ...packages[role].manifest, ...(role === 'vae' ? ofVae : {}) }]),
    ),
    packageDirs: Object.fromEntries(roles.map((role) => [role, packages[role].dir])),
  });
  const task: EnhanceTask = {
    stage: 'enhance',
    stageVersion: 1,
    key: 'a'.repeat(64),
    inputs: [{ stage: 'interp', key: 'b'.repeat(64) }],
    packages: {},
    params: {
      prompt: 'a red ball rolls to the right',
      negative: '',
      seed: 3,
      sampler: 'dpmpp-2m-sde',
      steps: 2,
      guidance: 1,
      rescale: 0.2,
      scale: 2,
      start: 200,
      hintNoise: 20,
      colour: 'wavelet',
      keyStep: 1,
      chunk: 9,
      frames: clip.count,
      from: 0,
      count: clip.count,
      ...params,
    },
  };
  try {
    await runEnhance(task, job);
    const made = await FrameFile.open(job.outputFile);
    const frames = await made.read(0, made.numFrames);
    await made.close();
    return frames;
  } finally {
    await job.dispose();
  }
}

const mean = (bytes: Uint8Array): number => bytes.reduce((sum, value) => sum + value, 0) / bytes.length;

/** Mean absolute difference of frames, bytes. */
function difference(a: Uint8Array, b: Uint8Array): number {
  expect(a).toHaveLength(b.length);
  return a.reduce((sum, value, index) => sum + Math.abs(value - (b[index] ?? 0)), 0) / a.length;
}

describe('runEnhance', () => {
  let whole: RgbFrames;
  const frameBytes = 3 * 2 * clip.width * 2 * clip.height;

  beforeAll(async () => {
    whole = await enhance({});
  }, 120_000);

  test('makes every frame at the larger size, in the colours of its source', () => {
    expect(whole).toMatchObject({ count: 12, width: 160, height: 96 });
    const source = paint();
    for (let frame = 0; frame < clip.count; frame++) {
      const made = mean(whole.data.subarray(frame * frameBytes, (frame + 1) * frameBytes));
      const given = mean(source.subarray((frame * frameBytes) / 4, ((frame + 1) * frameBytes) / 4));
      expect(Math.abs(made - given)).toBeLessThan(0.5);
    }
  });

  test('gives the same bytes again', async () => {
    expect((await enhance({ from: 4, count: 2 })).data).toEqual((await enhance({ from: 4, count: 2 })).data);
  }, 120_000);

  test('parts that are made apart meet without a jump', async () => {
    const first = await enhance({ from: 0, count: 6 });
    const second = await enhance({ from: 6, count: 6 });
    const apart = Uint8Array.from([...first.data, ...second.data]);
    // Far less than a byte: what a part cannot know of frames beyond its context.
    expect(difference(apart, whole.data)).toBeLessThan(0.5);
  }, 120_000);

  test('frames that share their noise flicker less where the source stands still', async () => {
    // Rows of sky above the ball, of the first channel.
    const sky = 2 * clip.width * 16;
    const flicker = ({ data }: RgbFrames): number =>
      difference(data.subarray(0, sky), data.subarray(frameBytes, frameBytes + sky));
    const own = flicker(await enhance({ from: 0, count: 2 }));
    expect(flicker(await enhance({ from: 0, count: 2, sharedNoise: true }))).toBeLessThan(0.75 * own);
  }, 120_000);

  test('tiles give what the whole picture gives, within two bytes in the mean', async () => {
    const large = await enhance({ from: 0, count: 2, scale: 4 });
    const tiled = await enhance({ from: 0, count: 2, scale: 4, tile: { width: 16, height: 8 } });
    expect(difference(large.data, tiled.data)).toBeLessThan(2);
    expect(difference(large.data, tiled.data)).toBeGreaterThan(0);
  }, 120_000);

  test('is the same however memory ran out, but for how sums of one call and of two are rounded', async () => {
    const frames = { from: 0, count: 2, guidance: 3 };
    const [usual, small] = [await enhance(frames), await enhance(frames, 3)];
    expect(Math.max(...small.data.map((byte, at) => Math.abs(byte - (usual.data[at] ?? 0))))).toBeLessThanOrEqual(1);
    expect(difference(small.data, usual.data)).toBeLessThan(1e-3);
    expect((await enhance(frames, 1)).data).toEqual(small.data);
  }, 120_000);

  test('runs as VEnhancer: parts of a clip that is one chunk are the clip, to the byte', async () => {
    const published = { loop: 'venhancer', told: 8, guidance: 3, chunk: 32 } as const;
    const all = await enhance(published);
    const part = await enhance({ ...published, from: 7, count: 3 });
    expect(part.data).toEqual(all.data.subarray(7 * frameBytes, 10 * frameBytes));
    expect(difference(all.data, whole.data)).toBeGreaterThan(0.01);
    const heun = await enhance({ ...published, from: 0, count: 2, sampler: 'heun' });
    expect(difference(heun.data, all.data.subarray(0, 2 * frameBytes))).toBeGreaterThan(0);
  }, 240_000);

  test('a decoder that looks at neighbours is given the same windows in every part', async () => {
    const windows = { temporal: { clip: { frames: 14, overlap: 0 }, enhanced: { frames: 5, overlap: 2 } } };
    const published = { loop: 'venhancer', chunk: 32 } as const;
    const calls: number[] = [];
    const all = await enhance(published, 0, windows, calls);
    expect(calls).toEqual([5, 5, 6]); // the last one grows
    const part = await enhance({ ...published, from: 4, count: 2 }, 0, windows);
    expect(part.data).toEqual(all.data.subarray(4 * frameBytes, 6 * frameBytes));
  }, 240_000);

  test('a scale between whole ones is padded to whole cells and cut again', async () => {
    expect(enhancedSize({ width: 256, height: 144 }, 1.5, 16)).toEqual({
      width: 384,
      height: 216,
      paddedWidth: 384,
      paddedHeight: 224,
    });
    expect(await enhance({ from: 0, count: 1, scale: 1.3 })).toMatchObject({ count: 1, width: 104, height: 62 });
  }, 120_000);
});
