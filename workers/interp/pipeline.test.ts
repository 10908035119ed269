import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repeatKeys } from '../../diffusion/interpolation-keys.ts';
import { frameRange, gatherFrames } from '../../diffusion/latent-frames.ts';
import type { DecodeTask, InterpTask } from '../../story/plan/task.ts';
import { philoxNormal } from '../../tensor/philox.ts';
import { decodeSafetensors, takeTensor } from '../../tensor/safetensors.ts';
import { Tensor } from '../../tensor/tensor.ts';
import {
  clipParams,
  FakeDecoder,
  FakeDenoiser,
  fakeLatent,
  fakeManifests,
  fakeTextEncoder,
  writeTextPackage,
} from '../../test/fakes/fake-clip-models.ts';
import { FakeEngineJob, type FakeEngineJobOptions } from '../../test/fakes/fake-engine-job.ts';
import { writeLatents } from '../sampling/clip-files.ts';
import { EngineCancelled } from '../../engine/engine-job.ts';
import type { Graph } from '../../engine/graph.ts';
import { decodeClip, runDecode, runInterp } from './pipeline.ts';

const keys = new Tensor([1, fakeLatent.channels, 16, 2, 3], philoxNormal({ seed: 5, stream: 'keys', step: 0 }, 192));
const task: InterpTask = {
  stage: 'interp',
  stageVersion: 1,
  key: 'f'.repeat(64),
  params: clipParams({ frames: 61, guidance: 1 }),
  inputs: [{ stage: 'base', key: 'a'.repeat(64) }],
  packages: {},
};

let textDir: string;
const jobs: FakeEngineJob[] = [];

beforeAll(async () => {
  textDir = await writeTextPackage();
});
afterAll(async () => {
  await rm(textDir, { recursive: true });
  for (const job of jobs) await job.dispose();
});

async function newJob(
  { denoiser = new FakeDenoiser(), decoder = new FakeDecoder() }: { denoiser?: Graph; decoder?: Graph } = {},
  changes: Partial<FakeEngineJobOptions> = {},
): Promise<FakeEngineJob> {
  const files = await FakeEngineJob.create({ graphs: {}, manifests: {} });
  const keysFile = join(files.scratchDir, 'keys');
  await writeLatents(keysFile, keys);
  const job = await FakeEngineJob.create({
    graphs: { 'text/encoder': fakeTextEncoder, 'interp/denoiser': denoiser, 'vae/decoder': decoder },
    manifests: fakeManifests,
    packageDirs: { text: textDir },
    inputFiles: [keysFile],
    ...changes,
  });
  jobs.push(files, job);
  return job;
}

async function framesOf(job: FakeEngineJob): Promise<Uint8Array> {
  return takeTensor(decodeSafetensors(await readFile(job.outputFile)), 'frames', 'uint8', [61, 3, 4, 6]).data;
}

describe('runInterp', () => {
  test('conditions all 61 frames on the repeated keys, in one batch at guidance 1', async () => {
    const denoiser = new FakeDenoiser();
    await runInterp(task, await newJob({ denoiser }));
    expect(denoiser.calls).toHaveLength(6);
    for (const call of denoiser.calls) {
      expect(call['sample']!.shape).toEqual([1, 4, 61, 2, 3]);
      expect((call['sample']!.data as Float32Array).slice(732)).toEqual(repeatKeys(keys).data);
      expect(call['windows']!.shape).toEqual([1, 61]);
    }
  });

  test('decodes in small chunks and reports frames after steps', async () => {
    const decoder = new FakeDecoder();
    const job = await newJob({ decoder });
    await runInterp(task, job);
    expect(decoder.framesPerCall).toEqual([8, 8, 8, 8, 8, 8, 8, 5]);
    expect(job.reports.slice(6).map(({ unit, done }) => `${unit} ${done}`)).toEqual(
      [8, 16, 24, 32, 40, 48, 56, 61].map((done) => `frame ${done}`),
    );
  });

  test('writes frame, colour, row, column, divided by the scale and rounded', async () => {
    // A model that predicts v = −x_T at ᾱ = 0 in its single step says that the clean sample is the noise itself.
    const denoiser: Graph = {
      run: (inputs) => {
        const sample = inputs['sample']!.data as Float32Array;
        const data = sample.slice(0, 732).map((value) => -value);
        return Promise.resolve({ prediction: { type: 'float32', shape: [1, 2, 61, 2, 3], data } });
      },
    };
    const job = await newJob({ denoiser });
    await runInterp({ ...task, params: { ...task.params, steps: 1 } }, job);
    const latents = philoxNormal({ seed: 7, stream: 'interp', step: 0 }, 732);
    const frames = await framesOf(job);
    const expected = Uint8Array.from(frames, (_, index) => {
      const [x, y] = [(index % 6) >> 1, (Math.floor(index / 6) % 4) >> 1];
      const [colour, frame] = [Math.floor(index / 24) % 3, Math.floor(index / 72)];
      const cell = (channel: number): number =>
        Math.fround(latents[((channel * 61 + frame) * 2 + y) * 3 + x]! / fakeLatent.scale);
      const pixel = Math.fround(colour === 2 ? (cell(0) + cell(1)) / 2 : cell(colour));
      return Math.floor(Math.min(1, Math.max(0, pixel / 2 + 0.5)) * 255 + 0.5);
    });
    expect(frames).toEqual(expected);
  });

  test('decodes fewer frames per call on a retry after running out of memory, with the same result', async () => {
    const decoder = new FakeDecoder();
    const [usual, small] = [await newJob(), await newJob({ decoder }, { shrink: 2 })];
    await runInterp(task, usual);
    await runInterp(task, small);
    expect(Math.max(...decoder.framesPerCall)).toBe(2);
    expect(await framesOf(small)).toEqual(await framesOf(usual));
  });

  test('cancelled in mid-run and resumed, it gives the undisturbed bytes', async () => {
    const [undisturbed, cancelled] = [await newJob(), await newJob({}, { cancelInStep: 4 })];
    await runInterp(task, undisturbed);
    await expect(runInterp(task, cancelled)).rejects.toBeInstanceOf(EngineCancelled);
    const resumed = await newJob({}, { checkpointFile: cancelled.checkpoints.at(-1)!.file });
    await runInterp(task, resumed);
    expect(resumed.resumedFrom).toBe(4);
    expect(await readFile(resumed.outputFile)).toEqual(await readFile(undisturbed.outputFile));
  });

  test('a decoder that answers NaN ends the job and names the frames', async () => {
    const decoder: Graph = {
      run: async (inputs) => {
        const outputs = await new FakeDecoder().run(inputs);
        (outputs['frames']!.data as Float32Array)[5] = Number.NaN;
        return outputs;
      },
    };
    await expect(runInterp(task, await newJob({ decoder }))).rejects.toMatchObject({
      code: 'NUMERIC_INVALID',
      message: expect.stringMatching(/^1 decoded pixels of frame [0-7] are NaN/) as unknown,
    });
  });

  test('makes a long clip in chunks of the usual length that share a key frame', async () => {
    const longKeys = new Tensor([1, 2, 31, 2, 3], philoxNormal({ seed: 6, stream: 'keys', step: 0 }, 372));
    const file = join((await newJob()).scratchDir, 'keys');
    await writeLatents(file, longKeys);
    const denoiser = new FakeDenoiser();
    const job = await newJob({ denoiser }, { inputFiles: [file] });
    const long = { ...task, params: clipParams({ frames: 121, guidance: 1, chunks: { length: 61, stride: 60 } }) };
    await runInterp(long, job);
    expect(denoiser.calls).toHaveLength(2 * 6);
    const condition = repeatKeys(longKeys);
    for (const [index, call] of denoiser.calls.entries()) {
      expect(call['sample']!.shape).toEqual([1, 4, 61, 2, 3]);
      expect(call['windows']!.shape).toEqual([1, 61]);
      const first = index % 2 === 0 ? 0 : 60;
      const shown = new Tensor([1, 2, 61, 2, 3], (call['sample']!.data as Float32Array).slice(732));
      expect(shown).toEqual(gatherFrames(condition, frameRange(first, 61)));
    }
    // The frame they share is one: both are shown the same noisy latents for it, in every step.
    for (let step = 0; step < 6; step++) {
      const [before, after] = denoiser.calls
        .slice(2 * step, 2 * step + 2)
        .map((call) => new Tensor([1, 4, 61, 2, 3], call['sample']!.data as Float32Array));
      expect(gatherFrames(before!, [60])).toEqual(gatherFrames(after!, [0]));
    }
    const frames = takeTensor(decodeSafetensors(await readFile(job.outputFile)), 'frames', 'uint8', [121, 3, 4, 6]);
    expect(frames.data).toHaveLength(121 * 72);
  });

  test('refuses a plan whose frames do not follow from the keys', async () => {
    const wrong = { ...task, params: { ...task.params, frames: 64 } };
    await expect(runInterp(wrong, await newJob())).rejects.toThrow(
      '16 key frames interpolate to 61 frames and the task says 64',
    );
  });
});

describe('runDecode', () => {
  const decode: DecodeTask = {
    stage: 'decode',
    stageVersion: 1,
    key: 'd'.repeat(64),
    inputs: [{ stage: 'base', key: 'a'.repeat(64) }],
    packages: {},
    params: { frames: 16, latentWidth: 3, latentHeight: 2 },
  };

  test('decodes the frames that are there, as the interpolation decodes its own', async () => {
    const job = await newJob();
    await runDecode(decode, job);
    const { data } = takeTensor(decodeSafetensors(await readFile(job.outputFile)), 'frames', 'uint8', [16, 3, 4, 6]);
    const { data: expected } = await decodeClip(keys, await newJob());
    expect(data).toEqual(expected);
    expect(job.reports.at(-1)).toEqual({ unit: 'frame', done: 16, of: 16 });
  });

  test('refuses latents of another length, and blames their file', async () => {
    const longer: DecodeTask = { ...decode, params: { ...decode.params, frames: 17 } };
    const job = await newJob();
    await expect(runDecode(longer, job)).rejects.toMatchObject({
      code: 'ARTIFACT_CORRUPT',
      details: { file: job.inputFiles[0] },
    });
  });
});
