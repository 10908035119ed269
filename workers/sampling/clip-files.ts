import { readFile, writeFile } from 'node:fs/promises';
import { numKept, type DenoiseSettings, type DenoiseState } from '../../diffusion/denoise.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { unusableFile } from '../../errors/unusable-file.ts';
import { decodeSafetensors, encodeSafetensors, takeTensor, type SafetensorsFile } from '../../tensor/safetensors.ts';
import { sameShape, Tensor, type Shape } from '../../tensor/tensor.ts';

/**
 * The files that denoising stages read and write: safetensors with `latents` F32 `[1, C, F, h, w]`. A checkpoint holds the
 * same tensor with the task's key and the steps done in its metadata, and beside it `kept.0`, `kept.1` … of the same shape:
 * what a multistep sampler keeps from its last steps.
 */

/** Writes an artifact of latents. */
export async function writeLatents(file: string, latents: Tensor): Promise<void> {
  await writeFile(file, encodeSafetensors({ latents: float32(latents) }));
}

/**
 * Reads an artifact of latents.
 *
 * @param shape Expected `[1, C, F, h, w]`; `null` accepts any length.
 * @throws PipelineError `ARTIFACT_CORRUPT` with `details.file` when the file is not that.
 */
export async function readLatents(file: string, shape: readonly (number | null)[]): Promise<Tensor> {
  const bytes = await readFile(file);
  try {
    const latents = takeTensor(decodeSafetensors(bytes), 'latents', 'float32', shape);
    return new Tensor(latents.shape, latents.data);
  } catch (cause) {
    throw unusableFile(file, cause);
  }
}

/** Encodes a state between two steps, for the task with this key. */
export function encodeCheckpoint(key: string, { done, latents, kept }: DenoiseState): Uint8Array {
  const history = kept.map((tensor, index) => [`kept.${index}`, float32(tensor)] as const);
  return encodeSafetensors({ latents: float32(latents), ...Object.fromEntries(history) }, { key, done: String(done) });
}

/**
 * Decodes a checkpoint, if it is one of this task: same key, same shape, a step inside the run, all that its sampler keeps.
 * Otherwise `null`, and the clip starts again, which gives the same bytes and only costs time.
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  key: string,
  shape: Shape,
  settings: DenoiseSettings,
): DenoiseState | null {
  let file: SafetensorsFile;
  try {
    file = decodeSafetensors(bytes);
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'ARTIFACT_CORRUPT') return null;
    throw error;
  }
  const done = Number(file.metadata['done']);
  const isOfRun = file.metadata['key'] === key && Number.isInteger(done) && done >= 0 && done <= settings.steps.length;
  if (!isOfRun) return null;
  const latents = tensorOfShape(file, 'latents', shape);
  const kept = Array.from({ length: numKept(settings, done) }, (_, index) =>
    tensorOfShape(file, `kept.${index}`, shape),
  ).filter((tensor) => tensor !== null);
  return latents === null || kept.length < numKept(settings, done) ? null : { done, latents, kept };
}

function tensorOfShape({ tensors }: SafetensorsFile, name: string, shape: Shape): Tensor | null {
  const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
  const fits = tensor?.type === 'float32' && sameShape(tensor.shape, shape);
  return fits ? new Tensor(tensor.shape, tensor.data) : null;
}

function float32({ shape, data }: Tensor): { type: 'float32'; shape: Shape; data: Float32Array } {
  return { type: 'float32', shape, data };
}
