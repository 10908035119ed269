import { chunkedModel } from '../../diffusion/chunked-model.ts';
import type { Denoiser, DenoiseSettings } from '../../diffusion/denoise.ts';
import { reinitialPass } from '../../diffusion/freeinit.ts';
import { guidedDenoiser, type DenoisingModel } from '../../diffusion/guidance.ts';
import { samplerNamed } from '../../diffusion/samplers/named-sampler.ts';
import { fullWindow, slidingWindows } from '../../diffusion/windows.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { denoiserManifest, type DenoiserManifest } from '../../story/models/model-manifest.ts';
import type { DenoiserRole } from '../../story/models/model-set.ts';
import type { DenoiseParams } from '../../story/plan/task.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { firstLatents, iterationOf, streamOf } from './clip-noise.ts';
import { openSubject, type SubjectInputs } from './clip-subject.ts';
import type { ClipTask } from './clip-noise.ts';
import { encodeClipText } from './clip-text.ts';
import { denoiseResumed } from './resumed-denoising.ts';
import { stepsOf } from './sampling-plan.ts';
import type { EngineJob } from '../../engine/engine-job.ts';
import { float32Output } from '../../engine/graph.ts';

/**
 * Frames up to which the prediction of both prompts is one call. A longer clip makes two, as a retry does after running out of
 * memory: the attention of its windows fills a processor alone, and one call of both takes twice the memory.
 */
const longestBatch = 128;

/**
 * The package role of a task's denoiser: SEINE is one model, whichever frames are known, and a base clip with a subject has a
 * model of its own.
 */
function denoiserOf(task: ClipTask): DenoiserRole {
  if (task.stage === 'base') return task.params.subject === undefined ? 'base' : 'subject';
  return task.stage === 'interp' ? 'interp' : 'transition';
}

/** Shape of the latents that a task makes, `[1, C, F, h, w]`. */
export function latentShape(task: ClipTask, job: EngineJob): [number, number, number, number, number] {
  const { frames, latentHeight, latentWidth } = task.params;
  return [1, denoiserManifest(job.manifest(denoiserOf(task))).latent.channels, frames, latentHeight, latentWidth];
}

/** What a clip is made from beside its task. */
export interface ClipGiven {
  /** Channels behind the noisy latents, `[1, any, F, h, w]`. */
  readonly condition?: Tensor;
  /** Of a later FreeInit iteration: the clip of the one before, `[1, C, F, h, w]`. */
  readonly before?: Tensor | undefined;
}

/**
 * Denoises the clip of a task with the model of its stage: encodes both prompts, goes on from the job's checkpoint where
 * there is one, and ends every step with {@link EngineJob.stepDone}. The bytes depend on the task and what is given alone.
 *
 * @returns Latents `[1, C, F, h, w]`.
 * @throws PipelineError `NUMERIC_INVALID`, `MODEL_INVALID`, and what the graphs throw; `EngineCancelled` after a cancel.
 */
export async function sampleClip(task: ClipTask, job: EngineJob, given: ClipGiven): Promise<Tensor> {
  const { params } = task;
  const manifest = denoiserManifest(job.manifest(denoiserOf(task)));
  const shape = latentShape(task, job);
  const sampler = samplerOf(manifest, params);
  const planned = stepsOf({ ...manifest, sampler }, params.steps, params.sampler);
  const begin =
    iterationOf(task) === undefined ? { alphaBar: 0, steps: planned } : reinitialPass(manifest.schedule, planned);
  const settings: DenoiseSettings = {
    steps: begin.steps,
    sampler: samplerNamed(params.sampler, sampler),
    prediction: manifest.prediction,
    random: { seed: params.seed, stream: streamOf(task) },
  };
  const denoiser = await openDenoiser(task, job, given.condition ?? null);
  const first = (): Tensor => firstLatents(task, shape, { before: given.before, alphaBar: begin.alphaBar });
  return denoiseResumed(job, { key: task.key, shape, settings, denoiser, first });
}

/** What of a sampler the task does not say: as the package has it, or as the authors of the model. */
function samplerOf({ name, sampler, paper }: DenoiserManifest, { as }: DenoiseParams): DenoiserManifest['sampler'] {
  if (as === undefined) return sampler;
  if (paper !== undefined) return paper.sampler;
  throw new PipelineError(
    'MODEL_INVALID',
    `${name} does not say how its authors sample it, and the task was planned for one that does; submit the story again`,
  );
}

/** The guided model of the stage, told the clip's prompts. */
async function openDenoiser(task: ClipTask, job: EngineJob, condition: Tensor | null): Promise<Denoiser> {
  const { paper } = denoiserManifest(job.manifest(denoiserOf(task)));
  const { guidedChannels, freshNoise = false } = task.params.as === undefined ? {} : (paper ?? {});
  const subject =
    task.stage === 'base' && task.params.subject !== undefined
      ? await openSubject(job, task.params.subject, freshNoise)
      : null;
  const { positive, negative } = await encodeClipText(job, denoiserOf(task), task.params, subject);
  const model = await openModel(task, job, subject?.inputs(negative) ?? null);
  return guidedDenoiser(model, latentShape(task, job), {
    positive,
    negative,
    scale: task.params.guidance,
    rescale: task.params.rescale,
    condition,
    ...(guidedChannels === undefined ? {} : { guidedChannels }),
    batched: job.shrink === 0 && task.params.frames <= longestBatch,
  });
}

/** The denoiser graph of the stage, with the inputs that stay the same for the whole clip. */
async function openModel(task: ClipTask, job: EngineJob, subject: SubjectInputs | null): Promise<DenoisingModel> {
  const { freeu, frames, freenoise, chunks } = task.params;
  const graph = await job.graphs(denoiserOf(task), 'denoiser');
  const windows =
    freenoise === undefined
      ? fullWindow(chunks?.length ?? frames)
      : slidingWindows({
          numFrames: frames,
          windowLength: freenoise.length,
          stride: freenoise.stride,
          weighting: freenoise.weights,
        });
  const constant = {
    freeu: { type: 'float32', shape: [4], data: Float32Array.of(freeu.b1, freeu.b2, freeu.s1, freeu.s2) },
    windows: { type: 'int64', shape: windows.shape, data: windows.frames },
    window_weights: { type: 'float32', shape: windows.shape, data: windows.weights },
  } as const;
  const model: DenoisingModel = async (sample, timestep, context, towards) => {
    const batch = sample.shape[0] ?? 1;
    const outputs = await graph.run({
      sample: { type: 'float32', shape: sample.shape, data: sample.data },
      timestep: { type: 'int64', shape: [batch], data: new BigInt64Array(batch).fill(BigInt(timestep)) },
      context: { type: 'float32', shape: context.shape, data: context.data },
      ...constant,
      ...subject?.(timestep, towards),
    });
    const { shape, data } = float32Output(outputs, 'prediction');
    return new Tensor(shape, data);
  };
  if (chunks === undefined) return model;
  const { length: windowLength, stride } = chunks;
  return chunkedModel(model, slidingWindows({ numFrames: frames, windowLength, stride, weighting: 'pyramid' }));
}
