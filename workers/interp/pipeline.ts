import { writeFile } from 'node:fs/promises';
import { keyOfFrames, repeatKeys } from '../../diffusion/interpolation-keys.ts';
import type { TimeChunk } from '../../diffusion/time-chunks.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ModelManifest } from '../../story/models/model-manifest.ts';
import type { DecodeTask, InterpTask } from '../../story/plan/task.ts';
import { quantizePixels } from '../../tensor/pixels.ts';
import { encodeSafetensors } from '../../tensor/safetensors.ts';
import { axesOf, expectShape, type Tensor } from '../../tensor/tensor.ts';
import { readLatents } from '../sampling/clip-files.ts';
import { blendedFrames, decodeWindows, framesFirst } from '../sampling/decode-windows.ts';
import { latentShape, sampleClip } from '../sampling/clip-sampling.ts';
import type { EngineJob, Pipeline } from '../../engine/engine-job.ts';
import { float32Output } from '../../engine/graph.ts';

/** Frames per call of a decoder that sees each alone; each retry after running out of memory halves it, which changes nothing. */
const decodeFrames = 8;

/** Frames of a clip as bytes, `[F, 3, H, W]`. */
export interface Frames {
  readonly shape: readonly [numFrames: number, channels: 3, height: number, width: number];
  readonly data: Uint8Array;
}

/**
 * Key latents to a clip of four times the frame rate, decoded to bytes. The model makes the key frames too; the keys are a
 * condition and are not put back.
 */
export const runInterp: Pipeline<InterpTask> = async (task, job) => {
  const [file] = job.inputFiles;
  if (file === undefined) {
    throw new PipelineError('INTERNAL', 'an interpolation has no input file; it needs the latents of its key frames');
  }
  const [one, channels, frames, height, width] = latentShape(task, job);
  const keys = await readLatents(file, [one, channels, null, height, width]);
  const numFrames = keyOfFrames(keys.shape[2] ?? 0).length;
  if (numFrames !== frames) {
    throw new PipelineError(
      'INTERNAL',
      `${keys.shape[2]} key frames interpolate to ${numFrames} frames and the task says ${frames}; plan it with 4·(keys − 1) + 1`,
    );
  }
  const latents = await sampleClip(task, job, { condition: repeatKeys(keys) });
  const decoded = await decodeClip(latents, job);
  await writeFile(job.outputFile, encodeSafetensors({ frames: { type: 'uint8', ...decoded } }));
};

/** Latents to frames, as many as there are. */
export const runDecode: Pipeline<DecodeTask> = async ({ params }, job) => {
  const [file] = job.inputFiles;
  if (file === undefined) {
    throw new PipelineError('INTERNAL', 'a decoding has no input file; it needs the latents of a clip');
  }
  const { frames, latentHeight, latentWidth } = params;
  const { channels } = vaeManifest(job).latent;
  const latents = await readLatents(file, [1, channels, frames, latentHeight, latentWidth]);
  const decoded = await decodeClip(latents, job);
  await writeFile(job.outputFile, encodeSafetensors({ frames: { type: 'uint8', ...decoded } }));
};

/**
 * Decodes latents `[1, C, F, h, w]` a few frames at a time, so that memory does not grow with the clip. A decoder that looks at neighbouring
 * frames is given those that its package says, whatever the memory.
 */
export async function decodeClip(latents: Tensor, job: EngineJob): Promise<Frames> {
  const manifest = vaeManifest(job);
  const { downscale, scale } = manifest.latent;
  const decoder = await job.graphs('vae', 'decoder');
  const [, channels, numFrames, latentHeight, latentWidth] = axesOf(latents, 5);
  const [height, width] = [latentHeight * downscale, latentWidth * downscale];
  const data = new Uint8Array(numFrames * 3 * height * width);
  const decode = async ({ from, count }: TimeChunk): Promise<Float32Array> => {
    const unscaled = framesFirst(latents, from, count).map((value) => value / scale);
    const shape = [count, channels, latentHeight, latentWidth];
    const pixels = float32Output(await decoder.run({ latents: { type: 'float32', shape, data: unscaled } }), 'frames');
    expectShape('decoded frames', pixels, [count, 3, height, width]);
    job.progress('frame', from + count, numFrames);
    await job.throwIfCancelled();
    return pixels.data;
  };
  const alone = { frames: Math.max(1, decodeFrames >> job.shrink), overlap: 0 };
  const windows = decodeWindows(numFrames, manifest.temporal?.clip ?? alone);
  let frame = 0;
  for await (const picture of blendedFrames(windows, { from: 0, count: numFrames }, decode)) {
    const numInvalid = quantizePixels(picture, data, frame * 3 * height * width);
    if (numInvalid > 0) {
      throw new PipelineError(
        'NUMERIC_INVALID',
        `${numInvalid} decoded pixels of frame ${frame} are NaN or infinite; check the vae package ${manifest.name}`,
        { details: { package: manifest.name, firstFrame: frame, numInvalid } },
      );
    }
    frame++;
  }
  return { shape: [numFrames, 3, height, width], data };
}

function vaeManifest(job: EngineJob): Extract<ModelManifest, { role: 'vae' }> {
  const manifest = job.manifest('vae');
  if (manifest.role === 'vae') return manifest;
  throw new PipelineError('MODEL_INVALID', `package ${manifest.name} has role ${manifest.role}; decoding needs vae`);
}
