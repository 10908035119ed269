import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reinitialise } from '../../diffusion/freeinit.ts';
import { frameRange, gatherFrames } from '../../diffusion/latent-frames.ts';
import { samplingSteps } from '../../diffusion/schedule/sampling-steps.ts';
import { denoiserManifest } from '../../story/models/model-manifest.ts';
import type { BaseTask, CompletionTask, FreeInitIteration, KnownFrame, TransitionTask } from '../../story/plan/task.ts';
import { philoxNormal } from '../../tensor/philox.ts';
import { Tensor } from '../../tensor/tensor.ts';
import {
  clipParams,
  fakeLatent,
  fakeManifests,
  FakeDenoiser,
  fakeTextEncoder,
  writeTextPackage,
} from '../../test/fakes/fake-clip-models.ts';
import { FakeEngineJob, type FakeEngineJobOptions } from '../../test/fakes/fake-engine-job.ts';
import { readLatents, writeLatents } from '../sampling/clip-files.ts';
import { EngineCancelled } from '../../engine/engine-job.ts';
import type { Graph, GraphTensors } from '../../engine/graph.ts';
import { runBase, runCompletion, runTransition } from './pipeline.ts';

const key = 'b'.repeat(64);
const baseTask = (changes: Partial<BaseTask['params']> = {}): BaseTask => ({
  stage: 'base',
  stageVersion: 1,
  key,
  params: clipParams(changes),
  inputs: [],
  packages: {},
});
const clipShape = [1, fakeLatent.channels, 16, 2, 3];

let textDir: string;
const jobs: FakeEngineJob[] = [];

beforeAll(async () => {
  textDir = await writeTextPackage();
});
afterAll(async () => {
  await rm(textDir, { recursive: true });
  for (const job of jobs) await job.dispose();
});

async function newJob(denoiser: Graph, changes: Partial<FakeEngineJobOptions> = {}): Promise<FakeEngineJob> {
  const job = await FakeEngineJob.create({
    graphs: { 'text/encoder': fakeTextEncoder, 'base/denoiser': denoiser, 'transition/denoiser': denoiser },
    manifests: fakeManifests,
    packageDirs: { text: textDir },
    ...changes,
  });
  jobs.push(job);
  return job;
}

function valuesOf(call: GraphTensors | undefined, name: string): number[] {
  return [...(call?.[name]?.data ?? [])].map(Number);
}

async function baseBytes(task: BaseTask, changes: Partial<FakeEngineJobOptions> = {}): Promise<Buffer> {
  const job = await newJob(new FakeDenoiser(), changes);
  await runBase(task, job);
  return readFile(job.outputFile);
}

describe('runBase', () => {
  test('writes latents of the planned shape and reports every step', async () => {
    const job = await newJob(new FakeDenoiser());
    await runBase(baseTask(), job);
    expect((await readLatents(job.outputFile, clipShape)).shape).toEqual(clipShape);
    expect(job.reports).toEqual(Array.from({ length: 6 }, (_, index) => ({ unit: 'step', done: index + 1, of: 6 })));
  });

  test('hands the model what its contract says, both prompts in one call', async () => {
    const denoiser = new FakeDenoiser();
    const freeu = { b1: 1.1, b2: 1.2, s1: 0.9, s2: 0.8 };
    await runBase(baseTask({ freeu }), await newJob(denoiser));
    expect(denoiser.calls).toHaveLength(6);
    const [first] = denoiser.calls;
    expect(first?.['sample']?.shape).toEqual([2, 2, 16, 2, 3]);
    expect(valuesOf(first, 'timestep')).toEqual([999, 999]);
    expect(first?.['context']?.shape).toEqual([2, 1, 6, 4]);
    // The empty prompt is all padding and comes first; "a red boat sails" has the ids 2 to 5.
    const columns = valuesOf(first, 'context').filter((_, index) => index % 4 === 0);
    expect(columns).toEqual([0, 0, 0, 0, 0, 0, 2, 3, 4, 5, 0, 0]);
    expect(valuesOf(first, 'freeu')).toEqual([...Float32Array.of(1.1, 1.2, 0.9, 0.8)]);
    expect(first?.['windows']?.shape).toEqual([1, 16]);
    expect(valuesOf(first, 'windows')).toEqual(frameRange(0, 16));
    expect(valuesOf(first, 'window_weights')).toEqual(Array<number>(16).fill(1));
  });

  test('starts from the noise of (seed, stage, draw 0)', async () => {
    const denoiser = new FakeDenoiser();
    await runBase(baseTask({ guidance: 1 }), await newJob(denoiser));
    expect(denoiser.calls[0]?.['sample']?.data).toEqual(philoxNormal({ seed: 7, stream: 'base', step: 0 }, 192));
  });

  test.each([
    [1, [2, 3, 4, 5, 0, 0]],
    [0, [0, 0, 0, 0, 0, 0]],
  ])('asks for one prompt only at guidance %p', async (guidance, ids) => {
    const denoiser = new FakeDenoiser();
    await runBase(baseTask({ guidance }), await newJob(denoiser));
    expect(denoiser.calls[0]?.['sample']?.shape[0]).toBe(1);
    expect(valuesOf(denoiser.calls[0], 'context').filter((_, index) => index % 4 === 0)).toEqual(ids);
  });

  test('halves the batch on a retry after running out of memory, with the same result', async () => {
    const denoiser = new FakeDenoiser();
    const job = await newJob(denoiser, { shrink: 1 });
    await runBase(baseTask(), job);
    expect(denoiser.calls.map((call) => call['sample']?.shape[0])).toEqual(Array<number>(12).fill(1));
    expect(await readFile(job.outputFile)).toEqual(await baseBytes(baseTask()));
  });

  test('gives the same bytes for the same task, and others for another seed or prompt', async () => {
    const bytes = await baseBytes(baseTask());
    expect(await baseBytes(baseTask())).toEqual(bytes);
    expect(await baseBytes(baseTask({ seed: 8 }))).not.toEqual(bytes);
    expect(await baseBytes(baseTask({ prompt: 'a boat' }))).not.toEqual(bytes);
  });

  test.each(['ddim', 'ddpm', 'euler-ancestral', 'dpmpp-2m', 'dpmpp-2m-sde', 'unipc'] as const)(
    '%s: cancelled in any step and resumed, it gives the undisturbed bytes',
    async (sampler) => {
      const task = baseTask({ sampler });
      const undisturbed = await baseBytes(task);
      for (const cancelInStep of [1, 3, 6]) {
        const cancelled = await newJob(new FakeDenoiser(), { cancelInStep });
        await expect(runBase(task, cancelled)).rejects.toBeInstanceOf(EngineCancelled);
        const denoiser = new FakeDenoiser();
        const resumed = await newJob(denoiser, { checkpointFile: cancelled.checkpoints.at(-1)!.file });
        await runBase(task, resumed);
        expect(resumed.resumedFrom).toBe(cancelInStep);
        expect(denoiser.calls).toHaveLength(6 - cancelInStep);
        expect(await readFile(resumed.outputFile)).toEqual(undisturbed);
      }
    },
  );

  test('writes checkpoints at the interval, and going on from each gives the same bytes', async () => {
    const task = baseTask({ sampler: 'ddpm' });
    const job = await newJob(new FakeDenoiser(), { checkpointEvery: 2 });
    await runBase(task, job);
    expect(job.checkpoints.map(({ step }) => step)).toEqual([2, 4]);
    for (const { file } of job.checkpoints) {
      expect(await baseBytes(task, { checkpointFile: file })).toEqual(await readFile(job.outputFile));
    }
  });

  test('does not use the checkpoint of another task or a broken one, and starts again', async () => {
    const other = await newJob(new FakeDenoiser(), { checkpointEvery: 2 });
    await runBase({ ...baseTask(), key: 'c'.repeat(64) }, other);
    const broken = join(other.scratchDir, 'broken');
    await writeFile(broken, 'not a checkpoint');
    for (const checkpointFile of [other.checkpoints[0]!.file, broken]) {
      const job = await newJob(new FakeDenoiser(), { checkpointFile });
      await runBase(baseTask(), job);
      expect(job.resumedFrom).toBe(0);
      expect(job.reports[0]).toMatchObject({ done: 1 });
      expect(await readFile(job.outputFile)).toEqual(await baseBytes(baseTask()));
    }
  });

  describe('with FreeNoise', () => {
    const freenoise = { length: 16, stride: 4, weights: 'pyramid' } as const;
    const long = baseTask({ frames: 23, freenoise });

    test('begins like the clip of one window, spreads its noise over the rest, and attends in windows', async () => {
      const denoiser = new FakeDenoiser();
      const job = await newJob(denoiser);
      await runBase(baseTask({ frames: 23, freenoise, guidance: 1 }), job);
      const [first] = denoiser.calls;
      expect(first?.['windows']?.shape).toEqual([3, 16]);
      expect(valuesOf(first, 'windows').filter((_, index) => index % 16 === 0)).toEqual([0, 4, 7]);
      expect(valuesOf(first, 'window_weights').slice(0, 16)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1]);
      const noise = new Tensor([1, 2, 23, 2, 3], Float32Array.from(valuesOf(first, 'sample')));
      const window = new Tensor(clipShape, philoxNormal({ seed: 7, stream: 'base', step: 0 }, 192));
      expect(gatherFrames(noise, frameRange(0, 16))).toEqual(window);
      const lenders = frameRange(16, 7).map((frame) =>
        frameRange(0, 16).find((each) => gatherFrames(window, [each]).data[0] === gatherFrames(noise, [frame]).data[0]),
      );
      expect(lenders.slice(0, 4).sort()).toEqual([0, 1, 2, 3]);
      expect(new Set(lenders).size).toBe(7);
      expect((await readLatents(job.outputFile, [1, 2, 23, 2, 3])).shape).toEqual([1, 2, 23, 2, 3]);
    });

    test.each([
      [128, 2],
      [129, 1],
    ])('with %p frames asks for %p prompts in one call', async (frames, batch) => {
      const denoiser = new FakeDenoiser();
      await runBase(baseTask({ frames, freenoise, steps: 1 }), await newJob(denoiser));
      expect(denoiser.calls.map((call) => call['sample']?.shape[0])).toEqual(Array<number>(2 / batch).fill(batch));
    });

    test('cancelled and resumed, it gives the undisturbed bytes', async () => {
      const cancelled = await newJob(new FakeDenoiser(), { cancelInStep: 2 });
      await expect(runBase(long, cancelled)).rejects.toBeInstanceOf(EngineCancelled);
      const checkpointFile = cancelled.checkpoints.at(-1)!.file;
      expect(await baseBytes(long, { checkpointFile })).toEqual(await baseBytes(long));
    });

    test('injects motion: frames are told their own prompts in every step', async () => {
      const denoiser = new FakeDenoiser();
      const prompts = [
        { at: 0, prompt: 'a boat' },
        { at: 1, prompt: 'red sails' },
      ];
      await runBase(baseTask({ frames: 23, freenoise, prompts, guidance: 1 }), await newJob(denoiser));
      const firstWords = denoiser.calls.map((call) => {
        expect(call['context']?.shape).toEqual([1, 23, 6, 4]);
        return valuesOf(call, 'context').filter((_, index) => index % 24 === 0);
      });
      // "a" is 2 and "red" is 3; of 23 frames 8 are held, 7 change, 8 are held.
      const changing = [2, 1 / 6, 2 / 6, 3 / 6, 4 / 6, 5 / 6, 3].map((each) => Math.fround(each < 2 ? 2 + each : each));
      const perFrame = [...Array<number>(8).fill(2), ...changing, ...Array<number>(8).fill(3)];
      expect(firstWords).toEqual(Array(6).fill(perFrame));
    });
  });

  describe('with FreeInit', () => {
    const iteration = { iteration: 1, filter: 'gaussian', spatial: 0.25, temporal: 0.25 } as const;
    const before = 'f'.repeat(64);

    /** A later iteration after a given one, whose bytes are those of the task without FreeInit unless another is given. */
    async function again(
      params: Partial<BaseTask['params']> = {},
      freeinit: FreeInitIteration = iteration,
      changes: Partial<FakeEngineJobOptions> = {},
    ): Promise<{ readonly job: FakeEngineJob; readonly denoiser: FakeDenoiser }> {
      const [made] = changes.inputFiles ?? [];
      const source = await newJob(new FakeDenoiser());
      if (made === undefined) await runBase(baseTask(params), source);
      const denoiser = new FakeDenoiser();
      const job = await newJob(denoiser, { inputFiles: [made ?? source.outputFile], ...changes });
      await runBase({ ...baseTask({ ...params, freeinit }), inputs: [{ stage: 'base', key: before }] }, job);
      return { job, denoiser };
    }

    const sampleOf = (denoiser: FakeDenoiser): Tensor => {
      const sample = denoiser.calls[0]!['sample']!;
      return new Tensor(sample.shape, Float32Array.from(valuesOf(denoiser.calls[0], 'sample')));
    };

    test('begins with low frequencies that have seen the clip before, and enters where the schedule has signal', async () => {
      const { denoiser, job } = await again({ guidance: 1 });
      const first = new Tensor(clipShape, philoxNormal({ seed: 7, stream: 'base', step: 0 }, 192));
      const fresh = new Tensor(clipShape, philoxNormal({ seed: 7, stream: 'base/freeinit/1', step: 0 }, 192));
      const [input] = job.inputFiles;
      const clip = await readLatents(input!, clipShape);
      const settings = denoiserManifest(fakeManifests.base);
      const entered = samplingSteps(settings.schedule, { kind: 'trailing' }, 6)[1]!;
      const filter = { kind: 'gaussian', spatial: 0.25, temporal: 0.25 } as const;
      expect(sampleOf(denoiser)).toEqual(reinitialise({ clip, first, fresh, alphaBar: entered.alphaBar, filter }));
      expect(valuesOf(denoiser.calls[0], 'timestep')).toEqual([entered.timestep]);
      expect(job.reports.at(-1)).toEqual({ unit: 'step', done: 5, of: 5 });
    });

    test('gives another clip in every iteration, and the same bytes each time', async () => {
      const bytesOf = async (number: number): Promise<Buffer> =>
        readFile((await again({}, { ...iteration, iteration: number })).job.outputFile);
      const [one, two] = [await bytesOf(1), await bytesOf(2)];
      expect(one).not.toEqual(two);
      expect(await bytesOf(1)).toEqual(one);
      expect(one).not.toEqual(await baseBytes(baseTask()));
    });

    test.each(['ddim', 'euler-ancestral', 'dpmpp-2m', 'unipc'] as const)(
      '%s: cancelled and resumed, it gives the undisturbed bytes',
      async (sampler) => {
        const { job: undisturbed } = await again({ sampler });
        const cancelled = await newJob(new FakeDenoiser(), { inputFiles: undisturbed.inputFiles, cancelInStep: 2 });
        const task: BaseTask = {
          ...baseTask({ sampler, freeinit: iteration }),
          inputs: [{ stage: 'base', key: before }],
        };
        await expect(runBase(task, cancelled)).rejects.toBeInstanceOf(EngineCancelled);
        const checkpointFile = cancelled.checkpoints.at(-1)!.file;
        const { job: resumed } = await again({ sampler }, iteration, {
          inputFiles: undisturbed.inputFiles,
          checkpointFile,
        });
        expect(resumed.resumedFrom).toBe(2);
        expect(await readFile(resumed.outputFile)).toEqual(await readFile(undisturbed.outputFile));
      },
    );

    test('keeps FreeNoise’s order of noise in every iteration', async () => {
      const freenoise = { length: 16, stride: 4, weights: 'pyramid' } as const;
      const nothingLow = { ...iteration, filter: 'box', spatial: 0.01, temporal: 0.01 } as const;
      const long = { frames: 23, freenoise, guidance: 1 };
      const plain = new FakeDenoiser();
      await runBase(baseTask(long), await newJob(plain));
      const { denoiser } = await again(long, nothingLow);
      const lenders = (noise: Tensor): (number | undefined)[] =>
        frameRange(16, 7).map((frame) =>
          frameRange(0, 16).find(
            (each) => gatherFrames(noise, [each]).data[0] === gatherFrames(noise, [frame]).data[0],
          ),
        );
      expect(lenders(sampleOf(denoiser))).toEqual(lenders(sampleOf(plain)));
      expect(sampleOf(denoiser)).not.toEqual(sampleOf(plain));
    });

    test('without the iteration before it is refused', async () => {
      await expect(runBase(baseTask({ freeinit: iteration }), await newJob(new FakeDenoiser()))).rejects.toThrow(
        'iteration 1 of FreeInit has no iteration before it',
      );
    });
  });

  test('a model that answers NaN ends the job with its step', async () => {
    const sick: Graph = {
      run: async (inputs) => {
        const outputs = await new FakeDenoiser().run(inputs);
        if (valuesOf(inputs, 'timestep')[0]! < 600) outputs['prediction']!.data.fill(Number.NaN as never);
        return outputs;
      },
    };
    await expect(runBase(baseTask(), await newJob(sick))).rejects.toMatchObject({
      code: 'NUMERIC_INVALID',
      details: { step: 4, sampler: 'ddim', seed: 7 },
    });
  });
});

describe('runCompletion', () => {
  const inputs = ['d', 'e'].map((digit) => ({ stage: 'base', key: digit.repeat(64) }) as const);
  const task = (known: readonly KnownFrame[]): CompletionTask => ({
    ...baseTask(),
    stage: 'completion',
    params: { ...clipParams(), known },
    inputs,
  });
  const clips = [1, 2].map((seed) => new Tensor(clipShape, philoxNormal({ seed, stream: 'given', step: 0 }, 192)));

  async function inputFiles(): Promise<string[]> {
    const { scratchDir } = await newJob(new FakeDenoiser());
    return Promise.all(
      clips.map(async (clip, index) => {
        const file = join(scratchDir, `given-${String(index)}`);
        await writeLatents(file, clip);
        return file;
      }),
    );
  }

  const lastFour = [0, 1, 2, 3].map((frame) => ({ frame, input: 0, from: 12 + frame }));
  const scattered = [
    { frame: 8, input: 1, from: 3 },
    { frame: 0, input: 0, from: 5 },
    { frame: 15, input: 1, from: 0 },
  ];
  test.each([
    ['the last frames of a clip', lastFour],
    ['frames of several clips', scattered],
  ])('keeps %s bit for bit, tells the model so, and makes the rest', async (_, known) => {
    const denoiser = new FakeDenoiser();
    const job = await newJob(denoiser, { inputFiles: await inputFiles() });
    await runCompletion(task(known), job);
    const clip = await readLatents(job.outputFile, clipShape);
    for (const { frame, input, from } of known) {
      expect(gatherFrames(clip, [frame])).toEqual(gatherFrames(clips[input]!, [from]));
    }
    const isKnown = (frame: number): boolean => known.some((each) => each.frame === frame);
    const values = valuesOf(denoiser.calls[0], 'sample');
    expect(values.slice(192, 288)).toEqual(
      Array.from({ length: 96 }, (__, cell) => (isKnown(Math.floor(cell / 6)) ? 0 : 1)),
    );
    const made = frameRange(0, 16).filter((frame) => !isKnown(frame));
    expect(new Set(gatherFrames(clip, made).data).size).toBeGreaterThan(100);
  });

  test('refuses a known frame of an input that the task does not have', async () => {
    const job = await newJob(new FakeDenoiser(), { inputFiles: await inputFiles() });
    await expect(runCompletion(task([{ frame: 0, input: 2, from: 0 }]), job)).rejects.toThrow(
      'a known frame is of input 2; the task has 2 inputs',
    );
  });
});

describe('runTransition', () => {
  const noise = (seed: number): Tensor =>
    new Tensor(clipShape, philoxNormal({ seed, stream: 'neighbour', step: 0 }, 192));
  const task = (known: number): TransitionTask => ({
    ...baseTask(),
    stage: 'transition',
    params: { ...clipParams(), known },
    inputs: ['d', 'e'].map((digit) => ({ stage: 'base', key: digit.repeat(64) }) as const),
  });

  async function neighbours(): Promise<[string, string]> {
    const { scratchDir } = await newJob(new FakeDenoiser());
    const files: [string, string] = [join(scratchDir, 'before'), join(scratchDir, 'after')];
    await writeLatents(files[0], noise(1));
    await writeLatents(files[1], noise(2));
    return files;
  }

  test.each([1, 3])('shares its %p first and last frames with its neighbours, bit for bit', async (known) => {
    const job = await newJob(new FakeDenoiser(), { inputFiles: await neighbours() });
    await runTransition(task(known), job);
    const clip = await readLatents(job.outputFile, clipShape);
    expect(gatherFrames(clip, frameRange(0, known))).toEqual(gatherFrames(noise(1), frameRange(16 - known, known)));
    expect(gatherFrames(clip, frameRange(16 - known, known))).toEqual(gatherFrames(noise(2), frameRange(0, known)));
  });

  test('goes on from the last key of a shot that is cut', async () => {
    const job = await newJob(new FakeDenoiser(), { inputFiles: await neighbours() });
    const { params, ...cut } = task(2);
    await runTransition({ ...cut, params: { ...params, ofFirst: 9 } }, job);
    const clip = await readLatents(job.outputFile, clipShape);
    expect(gatherFrames(clip, [0, 1])).toEqual(gatherFrames(noise(1), [7, 8]));
  });

  test('tells the model mask and known latents behind the noise, in every step', async () => {
    const denoiser = new FakeDenoiser();
    await runTransition(task(1), await newJob(denoiser, { inputFiles: await neighbours() }));
    for (const call of denoiser.calls) {
      const { shape } = call['sample']!;
      expect(shape).toEqual([2, 5, 16, 2, 3]);
      const values = valuesOf(call, 'sample');
      const mask = values.slice(192, 192 + 96);
      expect(mask).toEqual(Array.from({ length: 96 }, (_, index) => (index < 6 || index >= 90 ? 0 : 1)));
      const masked = new Tensor(clipShape, Float32Array.from(values.slice(288, 480)));
      expect(gatherFrames(masked, [0])).toEqual(gatherFrames(noise(1), [15]));
      expect(gatherFrames(masked, [15])).toEqual(gatherFrames(noise(2), [0]));
    }
  });

  test('names the file that cannot be used', async () => {
    const [before, after] = await neighbours();
    await writeFile(after, 'broken');
    await expect(
      runTransition(task(1), await newJob(new FakeDenoiser(), { inputFiles: [before, after] })),
    ).rejects.toMatchObject({ code: 'ARTIFACT_CORRUPT', details: { file: after } });
  });

  test('resumed from a checkpoint, it gives the undisturbed bytes', async () => {
    const inputFiles = await neighbours();
    const whole = await newJob(new FakeDenoiser(), { inputFiles, checkpointEvery: 4 });
    await runTransition(task(2), whole);
    const resumed = await newJob(new FakeDenoiser(), { inputFiles, checkpointFile: whole.checkpoints[0]!.file });
    await runTransition(task(2), resumed);
    expect(await readFile(resumed.outputFile)).toEqual(await readFile(whole.outputFile));
  });
});

describe('as in the paper', () => {
  const paper = {
    sampler: { kind: 'ddpm', steps: 4, guidance: 3, spacing: { kind: 'leading', offset: 0 }, variance: 'large' },
    guidedChannels: 1,
  } as const;
  const published = { ...fakeManifests, base: { ...fakeManifests.base, paper } } as typeof fakeManifests;

  test('visits the timesteps of the authors, and guides the channels that they guide', async () => {
    const denoiser = new FakeDenoiser();
    const params = { sampler: 'ddpm', steps: 4, guidance: 3, as: 'paper' } as const;
    await runBase(baseTask(params), await newJob(denoiser, { manifests: published }));
    expect(denoiser.calls.map((call) => valuesOf(call, 'timestep')[0])).toEqual([750, 500, 250, 0]);
    const usual = new FakeDenoiser();
    await runBase(baseTask({ sampler: 'ddpm', steps: 4, guidance: 3 }), await newJob(usual, { manifests: published }));
    expect(usual.calls.map((call) => valuesOf(call, 'timestep')[0])).toEqual([999, 749, 499, 249]);
    // The second channel goes on from the prediction with the prompt alone.
    const alone = new FakeDenoiser();
    await runBase(baseTask({ ...params, guidance: 1 }), await newJob(alone, { manifests: published }));
    const [second, apart] = [denoiser.calls[1], alone.calls[1]].map((call) => valuesOf(call, 'sample'));
    expect(second!.slice(96, 192)).toEqual(apart!.slice(96, 192));
    expect(second!.slice(0, 96)).not.toEqual(apart!.slice(0, 96));
  });

  test('needs a package that says how', async () => {
    await expect(runBase(baseTask({ as: 'paper' }), await newJob(new FakeDenoiser()))).rejects.toMatchObject({
      code: 'MODEL_INVALID',
    });
  });
});

describe('noise of long clips', () => {
  const firstSample = async (noise?: 'repeat' | 'random'): Promise<number[]> => {
    const denoiser = new FakeDenoiser();
    const freenoise = { length: 16, stride: 4, weights: 'pyramid', ...(noise === undefined ? {} : { noise }) } as const;
    await runBase(baseTask({ guidance: 1, frames: 24, freenoise }), await newJob(denoiser));
    return valuesOf(denoiser.calls[0], 'sample');
  };

  test('repeats that of a window, or is each frame’s own', async () => {
    const window = philoxNormal({ seed: 7, stream: 'base', step: 0 }, 2 * 16 * 6);
    const repeated = await firstSample('repeat');
    expect(repeated.slice(0, 16 * 6)).toEqual([...window.subarray(0, 16 * 6)]);
    expect(repeated.slice(16 * 6, 24 * 6)).toEqual([...window.subarray(0, 8 * 6)]);
    expect(await firstSample('random')).toEqual([...philoxNormal({ seed: 7, stream: 'base', step: 0 }, 2 * 24 * 6)]);
    const shuffled = await firstSample();
    expect(shuffled.slice(0, 16 * 6)).toEqual(repeated.slice(0, 16 * 6));
    expect(shuffled.slice(16 * 6)).not.toEqual(repeated.slice(16 * 6));
  });
});

describe('what SEINE does not know', () => {
  test('is the latents of a grey picture, if the package was trained so', async () => {
    const manifests = {
      ...fakeManifests,
      transition: { ...fakeManifests.transition, unknown: 'grey' },
    } as typeof fakeManifests;
    const encoder: Graph = {
      run: ({ frames }) => {
        expect(frames?.shape).toEqual([1, 3, 4, 6]);
        expect(new Set(frames?.data as Float32Array)).toEqual(new Set([0]));
        const data = Float32Array.from({ length: 12 }, (_, at) => (at < 6 ? 4 : -2));
        return Promise.resolve({ latents: { type: 'float32', shape: [1, 2, 2, 3], data } });
      },
    };
    const denoiser = new FakeDenoiser();
    const graphs = { 'text/encoder': fakeTextEncoder, 'transition/denoiser': denoiser, 'vae/encoder': encoder };
    const job = await newJob(denoiser, { manifests, graphs });
    const file = join(job.outputFile, '..', 'known.safetensors');
    await writeLatents(file, new Tensor([1, 2, 1, 2, 3], new Float32Array(12).fill(9)));
    const ready = await newJob(denoiser, { manifests, graphs, inputFiles: [file] });
    const known: readonly KnownFrame[] = [{ frame: 0, input: 0, from: 0 }];
    const task: CompletionTask = {
      stage: 'completion',
      stageVersion: 1,
      key,
      packages: {},
      params: { ...clipParams({ guidance: 1 }), known },
      inputs: [{ stage: 'base', key: 'c'.repeat(64) }],
    };
    await runCompletion(task, ready);
    // Channels of the sample: noise, noise, mask, masked latents of 16 frames of 6 cells.
    const values = valuesOf(denoiser.calls[0], 'sample');
    const masked = [3, 4].map((channel) => values.slice(channel * 96, (channel + 1) * 96));
    expect(masked[0]!.slice(0, 6)).toEqual(Array<number>(6).fill(9));
    expect(new Set(masked[0]!.slice(6))).toEqual(new Set([2]));
    expect(new Set(masked[1]!.slice(6))).toEqual(new Set([-1]));
  });
});
