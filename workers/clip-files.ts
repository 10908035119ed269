import { readFile, writeFile } from 'node:fs/promises';
import type { DenoiseState } from '../diffusion/denoise.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import { decodeSafetensors, encodeSafetensors, takeTensor, type SafetensorsFile } from '../tensor/safetensors.ts';
import { sameShape, Tensor, type Shape } from '../tensor/tensor.ts';

/**
 * The files that denoising stages read and write: safetensors with `latents` F32 `[1, C, F, h, w]`. A checkpoint holds the
 * same tensor with the task's key and the steps done in its metadata.
 */

/** Writes an artifact of latents. */
export async function writeLatents(file: string, latents: Tensor): Promise<void> {
  await writeFile(file, encodeSafetensors({ latents: float32(latents) }));
}

/**
 * Reads an artifact of latents.
 *
 * @param key Artifact key, for the error.
 * @param shape Expected `[1, C, F, h, w]`; `null` accepts any length.
 * @throws PipelineError `ARTIFACT_CORRUPT` with `details.key` when the file is not that.
 */
export async function readLatents(file: string, key: string, shape: readonly (number | null)[]): Promise<Tensor> {
  const bytes = await readFile(file);
  try {
    const latents = takeTensor(decodeSafetensors(bytes), 'latents', 'float32', shape);
    return new Tensor(latents.shape, latents.data);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new PipelineError('ARTIFACT_CORRUPT', `input artifact ${key} cannot be used, make it again: ${problem}`, {
      details: { key },
      cause,
    });
  }
}

/** Encodes a state between two steps, for the task with this key. */
export function encodeCheckpoint(key: string, { done, latents }: DenoiseState): Uint8Array {
  return encodeSafetensors({ latents: float32(latents) }, { key, done: String(done) });
}

/**
 * Decodes a checkpoint, if it is one of this task: same key, same shape, a step inside the run. Otherwise `null`, and the
 * clip starts again, which gives the same bytes and only costs time.
 */
export function decodeCheckpoint(bytes: Uint8Array, key: string, shape: Shape, numSteps: number): DenoiseState | null {
  let file: SafetensorsFile;
  try {
    file = decodeSafetensors(bytes);
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'ARTIFACT_CORRUPT') return null;
    throw error;
  }
  const latents = Object.hasOwn(file.tensors, 'latents') ? file.tensors['latents'] : undefined;
  const done = Number(file.metadata['done']);
  const fits =
    file.metadata['key'] === key &&
    latents?.type === 'float32' &&
    sameShape(latents.shape, shape) &&
    Number.isInteger(done) &&
    done >= 0 &&
    done <= numSteps;
  return fits ? { done, latents: new Tensor(latents.shape, latents.data) } : null;
}

function float32({ shape, data }: Tensor): { type: 'float32'; shape: Shape; data: Float32Array } {
  return { type: 'float32', shape, data };
}
