import { writeFile } from 'node:fs/promises';
import { keyOfFrames, repeatKeys } from '../../diffusion/interpolation-keys.ts';
import { frameRange } from '../../diffusion/latent-frames.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ModelManifest } from '../../story/models/model-manifest.ts';
import type { DecodeTask, InterpTask } from '../../story/plan/task.ts';
import { quantizePixels } from '../../tensor/pixels.ts';
import { encodeSafetensors } from '../../tensor/safetensors.ts';
import { axesOf, expectShape, type Tensor } from '../../tensor/tensor.ts';
import { readLatents } from '../sampling/clip-files.ts';
import { latentShape, sampleClip } from '../sampling/clip-sampling.ts';
import type { EngineJob, Pipeline } from '../../engine/engine-job.ts';
import { float32Output } from '../../engine/graph.ts';

/** Frames per decoder call; each retry after running out of memory halves it. */
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

/** Decodes latents `[1, C, F, h, w]` a few frames at a time, so that memory does not grow with the clip. */
export async function decodeClip(latents: Tensor, job: EngineJob): Promise<Frames> {
  const manifest = vaeManifest(job);
  const { downscale, scale } = manifest.latent;
  const decoder = await job.graphs('vae', 'decoder');
  const [, channels, numFrames, latentHeight, latentWidth] = axesOf(latents, 5);
  const [height, width] = [latentHeight * downscale, latentWidth * downscale];
  const data = new Uint8Array(numFrames * 3 * height * width);
  const perCall = Math.max(1, decodeFrames >> job.shrink);
  for (let first = 0; first < numFrames; first += perCall) {
    const frames = frameRange(first, Math.min(perCall, numFrames - first));
    const outputs = await decoder.run({
      latents: {
        type: 'float32',
        shape: [frames.length, channels, latentHeight, latentWidth],
        data: framesFirst(latents, frames, scale),
      },
    });
    const pixels = float32Output(outputs, 'frames');
    expectShape('decoded frames', pixels, [frames.length, 3, height, width]);
    const numInvalid = quantizePixels(pixels.data, data, first * 3 * height * width);
    if (numInvalid > 0) {
      throw new PipelineError(
        'NUMERIC_INVALID',
        `${numInvalid} decoded pixels of frames ${first} … ${first + frames.length - 1} are NaN or infinite; check the vae package ${manifest.name}`,
        { details: { package: manifest.name, firstFrame: first, numInvalid } },
      );
    }
    job.progress('frame', first + frames.length, numFrames);
    await job.throwIfCancelled();
  }
  return { shape: [numFrames, 3, height, width], data };
}

function vaeManifest(job: EngineJob): Extract<ModelManifest, { role: 'vae' }> {
  const manifest = job.manifest('vae');
  if (manifest.role === 'vae') return manifest;
  throw new PipelineError('MODEL_INVALID', `package ${manifest.name} has role ${manifest.role}; decoding needs vae`);
}

/** Some frames of `[1, C, F, h, w]` as `[frames, C, h, w]`, divided by the latent scale. */
function framesFirst(latents: Tensor, frames: readonly number[], scale: number): Float32Array {
  const [, channels, numFrames, height, width] = axesOf(latents, 5);
  const plane = height * width;
  const turned = new Float32Array(frames.length * channels * plane);
  let target = 0;
  for (const frame of frames) {
    for (let channel = 0; channel < channels; channel++) {
      const source = (channel * numFrames + frame) * plane;
      for (let cell = 0; cell < plane; cell++) turned[target++] = latents.data[source + cell]! / scale;
    }
  }
  return turned;
}
