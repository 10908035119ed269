import { readFile } from 'node:fs/promises';
import { denoise, initialState, type DenoiseSettings, type DenoiseState } from '../diffusion/denoise.ts';
import { guidedDenoiser, type DenoisingModel } from '../diffusion/guidance.ts';
import { fullWindow } from '../diffusion/windows.ts';
import { denoiserManifest } from '../story/model-manifest.ts';
import type { ModelRole } from '../story/model-set.ts';
import type { BaseTask, CompletionTask, InterpTask, TransitionTask } from '../story/task.ts';
import { expectShape, Tensor, type Shape } from '../tensor/tensor.ts';
import { decodeCheckpoint, encodeCheckpoint } from './clip-files.ts';
import { samplerOf, stepsOf } from './sampling-plan.ts';
import type { EngineJob } from './session/engine-job.ts';
import { float32Output, type Graph } from './session/graph.ts';
import { encodePrompt } from './session/tokenizer.ts';

/** A task that denoises a clip. */
export type ClipTask = BaseTask | CompletionTask | TransitionTask | InterpTask;

/** The package role of each stage's denoiser: SEINE is one model, whichever frames are known. */
const denoiserOf = {
  base: 'base',
  completion: 'transition',
  transition: 'transition',
  interp: 'interp',
} as const satisfies Record<ClipTask['stage'], ModelRole>;

/** Shape of the latents that a task makes, `[1, C, F, h, w]`. */
export function latentShape(task: ClipTask, job: EngineJob): [number, number, number, number, number] {
  const { frames, latentHeight, latentWidth } = task.params;
  return [1, denoiserManifest(job.manifest(denoiserOf[task.stage])).latent.channels, frames, latentHeight, latentWidth];
}

/**
 * Denoises the clip of a task with the model of its stage: encodes both prompts, goes on from the job's checkpoint where
 * there is one, and ends every step with {@link EngineJob.stepDone}. The bytes depend on the task and the condition alone.
 *
 * @param condition Channels behind the noisy latents, `[1, any, F, h, w]`, or `null`.
 * @returns Latents `[1, C, F, h, w]`.
 * @throws PipelineError `NUMERIC_INVALID`, `MODEL_INVALID`, and what the graphs throw; `EngineCancelled` after a cancel.
 */
export async function sampleClip(task: ClipTask, job: EngineJob, condition: Tensor | null): Promise<Tensor> {
  const { params } = task;
  const manifest = denoiserManifest(job.manifest(denoiserOf[task.stage]));
  const shape = latentShape(task, job);
  const settings: DenoiseSettings = {
    steps: stepsOf(manifest, params.steps),
    sampler: samplerOf(params.sampler, manifest.sampler),
    prediction: manifest.prediction,
    random: { seed: params.seed, stream: task.stage },
  };
  const denoiser = guidedDenoiser(await openModel(task, job), shape, {
    positive: await encodeText(job, params.prompt),
    negative: await encodeText(job, params.negative),
    scale: params.guidance,
    rescale: params.rescale,
    condition,
    batched: job.shrink === 0,
  });
  let state = await startingState(task, job, shape, settings);
  for await (state of denoise(denoiser, settings, state)) {
    const { done } = state;
    const reached = state;
    await job.stepDone({ done, of: params.steps, state: () => encodeCheckpoint(task.key, reached) });
  }
  return state.latents;
}

async function startingState(
  task: ClipTask,
  job: EngineJob,
  shape: Shape,
  settings: DenoiseSettings,
): Promise<DenoiseState> {
  if (job.checkpointFile !== null) {
    const bytes = await readFile(job.checkpointFile);
    const stored = decodeCheckpoint(bytes, task.key, shape, settings);
    if (stored !== null) {
      job.resumed(stored.done);
      return stored;
    }
  }
  return initialState(shape, settings.random);
}

/** The denoiser graph of the stage, with the inputs that stay the same for the whole clip. */
async function openModel(task: ClipTask, job: EngineJob): Promise<DenoisingModel> {
  const { freeu, frames } = task.params;
  const graph = await job.graphs(denoiserOf[task.stage], 'denoiser');
  const windows = fullWindow(frames);
  const constant = {
    freeu: { type: 'float32', shape: [4], data: Float32Array.of(freeu.b1, freeu.b2, freeu.s1, freeu.s2) },
    windows: { type: 'int64', shape: windows.shape, data: windows.frames },
    window_weights: { type: 'float32', shape: windows.shape, data: windows.weights },
  } as const;
  return async (sample, timestep, context) => {
    const batch = sample.shape[0] ?? 1;
    const outputs = await graph.run({
      sample: { type: 'float32', shape: sample.shape, data: sample.data },
      timestep: { type: 'int64', shape: [batch], data: new BigInt64Array(batch).fill(BigInt(timestep)) },
      context: { type: 'float32', shape: context.shape, data: context.data },
      ...constant,
    });
    return tensorOf(outputs, 'prediction');
  };
}

/** Context of one prompt, the same for every frame: `[1, 1, T, D]`. */
async function encodeText(job: EngineJob, text: string): Promise<Tensor> {
  const ids = await encodePrompt(job.packageDir('text'), text);
  const encoder = await job.graphs('text', 'encoder');
  const outputs = await encoder.run({
    input_ids: { type: 'int64', shape: [1, ids.length], data: BigInt64Array.from(ids, BigInt) },
  });
  const context = tensorOf(outputs, 'context');
  expectShape('text context', context, [1, ids.length, null]);
  return new Tensor([1, 1, ...context.shape.slice(1)], context.data);
}

function tensorOf(outputs: Awaited<ReturnType<Graph['run']>>, name: string): Tensor {
  const { shape, data } = float32Output(outputs, name);
  return new Tensor(shape, data);
}
