import { gatherFrames, joinFrames } from '../../diffusion/latent-frames.ts';
import { knownOfTransition, restoreKnown, seineCondition, type KnownFrames } from '../../diffusion/seine-mask.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { type BaseTask, type CompletionTask, madeInputs, type TransitionTask } from '../../story/plan/task.ts';
import { Tensor } from '../../tensor/tensor.ts';
import { readLatents, writeLatents } from '../sampling/clip-files.ts';
import { latentShape, sampleClip } from '../sampling/clip-sampling.ts';
import { encodeFrame } from '../sampling/picture-latents.ts';
import type { EngineJob, Pipeline } from '../../engine/engine-job.ts';

/** Text to a clip of latents; a later iteration of FreeInit begins from the one before. */
export const runBase: Pipeline<BaseTask> = async (task, job) => {
  const [before] = task.params.freeinit === undefined ? [] : await readClips(task, job);
  await writeLatents(job.outputFile, await sampleClip(task, job, { before }));
};

/**
 * A clip of which some frames are known: its predecessor's last ones, or any others. They stay as they are, bit for bit,
 * and SEINE makes the rest.
 */
export const runCompletion: Pipeline<CompletionTask> = async (task, job) => {
  const { known, frames } = task.params;
  const clips = await readClips(task, job);
  const latents = known.map(({ input, from }) => {
    const clip = clips[input];
    if (clip === undefined) {
      throw new PipelineError('INTERNAL', `a known frame is of input ${input}; the task has ${clips.length} inputs`);
    }
    return gatherFrames(clip, [from]);
  });
  await complete(task, job, {
    numFrames: frames,
    frames: known.map(({ frame }) => frame),
    latents: joinFrames(latents),
  });
};

/**
 * The clip between two shots: its ends are the last frames of the clip before and the first of the clip after, bit for bit,
 * and SEINE makes what lies between.
 */
export const runTransition: Pipeline<TransitionTask> = async (task, job) => {
  const [before, after] = await readClips(task, job);
  if (before === undefined || after === undefined) {
    throw new PipelineError(
      'INTERNAL',
      `a transition has ${job.inputFiles.length} input files; it needs the clip before and the clip after`,
    );
  }
  const { known, frames, ofFirst } = task.params;
  const counted =
    ofFirst === undefined
      ? before
      : gatherFrames(
          before,
          Array.from({ length: ofFirst }, (_, frame) => frame),
        );
  await complete(task, job, knownOfTransition(counted, after, known, frames));
};

/** Latents of all inputs, each `[1, C, any, h, w]` of the size that the task makes. */
async function readClips(task: BaseTask | CompletionTask | TransitionTask, job: EngineJob): Promise<Tensor[]> {
  const [one, channels, , height, width] = latentShape(task, job);
  return Promise.all(
    job.inputFiles
      .slice(0, madeInputs(task).length)
      .map((file) => readLatents(file, [one, channels, null, height, width])),
  );
}

async function complete(task: CompletionTask | TransitionTask, job: EngineJob, known: KnownFrames): Promise<void> {
  const unknown = await unknownFrame(job, latentShape(task, job));
  const sampled = await sampleClip(task, job, { condition: seineCondition(known, unknown) });
  await writeLatents(job.outputFile, restoreKnown(sampled, known));
}

/** Latents of a frame that is not known, `[1, C, h, w]`, for a model that was trained on those of a grey picture; else `null`. */
async function unknownFrame(job: EngineJob, [, , , height, width]: readonly number[]): Promise<Tensor | null> {
  const manifest = job.manifest('transition');
  if (manifest.role !== 'transition' || manifest.unknown !== 'grey') return null;
  const { downscale } = manifest.latent;
  const grey = Tensor.zeros([1, 3, (height ?? 0) * downscale, (width ?? 0) * downscale]);
  return encodeFrame(job, grey, 'grey');
}
