/**
 * A long clip denoised chunk by chunk, each guided by itself, as VEnhancer does: what rescaling brings back is the spread of one chunk, and
 * not of the whole clip. Reference: asi-xia/VEnhancer @f779e16 video_to_video/diffusion/diffusion_sdedit.py `model_chunk_fn`, which mixes
 * clean samples; at one noise level they and predictions of v are mixed alike.
 */
import { axesOf, Tensor, type Shape } from '../tensor/tensor.ts';
import { BlockSum, cutBlock } from './clip-blocks.ts';
import type { Denoiser } from './denoise.ts';
import type { TimeChunk } from './time-chunks.ts';

/**
 * A denoiser of clips of `shape`, `[1, C, F, h, w]`.
 *
 * @param denoiserOf Denoises the frames of one chunk.
 */
export function chunkedDenoiser(
  shape: Shape,
  chunks: readonly TimeChunk[],
  denoiserOf: (chunk: TimeChunk) => Denoiser,
): Denoiser {
  const [, , , height, width] = axesOf({ shape }, 5);
  const span = (length: number) => ({ start: 0, length, weights: new Float64Array(length).fill(1) });
  const tile = { rows: span(height), columns: span(width) };
  const parts = chunks.map((chunk) => ({ block: { chunk, tile }, denoise: denoiserOf(chunk) }));
  return async (sample, timestep) => {
    const sum = new BlockSum(shape);
    for (const { block, denoise } of parts) sum.add(block, await denoise(cutBlock(sample, block), timestep));
    return sum.total();
  };
}

/** The key frames of a chunk, of `[1, C, K, h, w]`, one key in `keyStep` frames. */
export function keysOfChunk(keys: Tensor, { from, count }: TimeChunk, keyStep: number): Tensor {
  const [one, channels, numKeys, height, width] = axesOf(keys, 5);
  const [first, kept] = [from / keyStep, (count - 1) / keyStep + 1];
  const plane = height * width;
  const data = new Float32Array(one * channels * kept * plane);
  for (let channel = 0; channel < one * channels; channel++) {
    const start = (channel * numKeys + first) * plane;
    data.set(keys.data.subarray(start, start + kept * plane), channel * kept * plane);
  }
  return new Tensor([one, channels, kept, height, width], data);
}
