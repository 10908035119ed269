import { readFile } from 'node:fs/promises';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { unusableFile } from '../../errors/unusable-file.ts';
import { cropOf, resamplePlane } from '../../tensor/resample.ts';
import { decodeSafetensors, takeTensor } from '../../tensor/safetensors.ts';
import { expectShape, Tensor } from '../../tensor/tensor.ts';
import type { EngineJob } from '../../engine/engine-job.ts';
import { float32Output } from '../../engine/graph.ts';

/**
 * Pixels `[1, 3, H, W]` in −1 … 1 to latents `[1, C, h, w]` in the scale of all latents.
 * @param key Of the upload, for the error.
 * @throws PipelineError `MODEL_INVALID`, `NUMERIC_INVALID`.
 */
export async function encodeFrame(job: EngineJob, pixels: Tensor, key: string): Promise<Tensor> {
  const manifest = job.manifest('vae');
  if (manifest.role !== 'vae') {
    throw new PipelineError('MODEL_INVALID', `package ${manifest.name} has role ${manifest.role}; encoding needs vae`);
  }
  const { channels, downscale, scale } = manifest.latent;
  const encoder = await job.graphs('vae', 'encoder');
  const outputs = await encoder.run({ frames: { type: 'float32', shape: pixels.shape, data: pixels.data } });
  const latents = float32Output(outputs, 'latents');
  const [, , height = 0, width = 0] = pixels.shape;
  const shape = [1, channels, height / downscale, width / downscale];
  expectShape('encoded picture', latents, shape);
  if (!latents.data.every(Number.isFinite)) {
    throw new PipelineError(
      'NUMERIC_INVALID',
      `a picture encodes to NaN or infinity; check the vae package ${manifest.name}`,
      {
        details: { package: manifest.name, picture: key },
      },
    );
  }
  return new Tensor(
    shape,
    latents.data.map((value) => value * scale),
  );
}

/** A picture as it was uploaded: planes of bytes, `[3, H, W]`. */
export interface Upload {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Reads an upload. @throws PipelineError `ARTIFACT_CORRUPT` with `details.file`. */
export async function readUpload(file: string): Promise<Upload> {
  const bytes = await readFile(file);
  try {
    return takeTensor(decodeSafetensors(bytes), 'picture', 'uint8', [3, null, null]);
  } catch (cause) {
    throw unusableFile(file, cause);
  }
}

/** The largest part of a picture of that shape, in its middle or by `focus`, as `[3, height, width]` in −1 … 1. */
export function fitPicture({ shape, data }: Upload, width: number, height: number, focus = 0.5): Float32Array {
  const [, fullHeight = 0, fullWidth = 0] = shape;
  const full = { width: fullWidth, height: fullHeight };
  const crop = cropOf(full, { width, height }, focus);
  const fitted = new Float32Array(3 * width * height);
  for (let colour = 0; colour < 3; colour++) {
    const area = fullWidth * fullHeight;
    const plane = { ...full, data: data.subarray(colour * area, (colour + 1) * area) };
    fitted.set(resamplePlane(plane, crop, width, height), colour * width * height);
  }
  return fitted.map((value) => value / 127.5 - 1);
}
