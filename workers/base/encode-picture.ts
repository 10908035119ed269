import { readFile } from 'node:fs/promises';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { PictureTask } from '../../story/task.ts';
import { centreBox, resamplePlane } from '../../tensor/resample.ts';
import { decodeSafetensors, takeTensor } from '../../tensor/safetensors.ts';
import { expectShape, Tensor } from '../../tensor/tensor.ts';
import { writeLatents } from '../clip-files.ts';
import type { Pipeline } from '../session/engine-job.ts';
import { float32Output } from '../session/graph.ts';

/**
 * A picture to the latents of one frame: the largest part of the clip's shape in its middle, scaled to the clip's size
 * (triangle filter), pixels in −1 … 1, through the VAE's encoder.
 */
export const runPicture: Pipeline<PictureTask> = async (task, job) => {
  const { picture: key, width, height } = task.params;
  const [file] = job.inputFiles;
  if (file === undefined) throw new PipelineError('INTERNAL', 'a picture task has no input file; it needs the upload');
  const manifest = job.manifest('vae');
  if (manifest.role !== 'vae') {
    throw new PipelineError('MODEL_INVALID', `package ${manifest.name} has role ${manifest.role}; encoding needs vae`);
  }
  const { channels, downscale, scale } = manifest.latent;
  const encoder = await job.graphs('vae', 'encoder');
  const data = fitPicture(await readUpload(file, key), width, height);
  const outputs = await encoder.run({ frames: { type: 'float32', shape: [1, 3, height, width], data } });
  const latents = float32Output(outputs, 'latents');
  const shape = [channels, height / downscale, width / downscale];
  expectShape('encoded picture', latents, [1, ...shape]);
  if (!latents.data.every(Number.isFinite)) {
    throw new PipelineError(
      'NUMERIC_INVALID',
      `a picture encodes to NaN or infinity; check the vae package ${manifest.name}`,
      {
        details: { package: manifest.name, picture: key },
      },
    );
  }
  const [c, h, w] = shape as [number, number, number];
  await writeLatents(
    job.outputFile,
    new Tensor(
      [1, c, 1, h, w],
      latents.data.map((value) => value * scale),
    ),
  );
};

interface Upload {
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

async function readUpload(file: string, key: string): Promise<Upload> {
  const bytes = await readFile(file);
  try {
    return takeTensor(decodeSafetensors(bytes), 'picture', 'uint8', [3, null, null]);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new PipelineError(
      'ARTIFACT_CORRUPT',
      `uploaded picture ${key} cannot be used, submit the story again: ${problem}`,
      {
        details: { key },
        cause,
      },
    );
  }
}

/** The middle of a picture as `[3, height, width]` in −1 … 1. */
export function fitPicture({ shape, data }: Upload, width: number, height: number): Float32Array {
  const [, fullHeight = 0, fullWidth = 0] = shape;
  const full = { width: fullWidth, height: fullHeight };
  const box = centreBox(full, { width, height });
  const fitted = new Float32Array(3 * width * height);
  for (let colour = 0; colour < 3; colour++) {
    const area = fullWidth * fullHeight;
    const plane = { ...full, data: data.subarray(colour * area, (colour + 1) * area) };
    fitted.set(resamplePlane(plane, box, width, height), colour * width * height);
  }
  return fitted.map((value) => value / 127.5 - 1);
}
