/**
 * Conditioning of LaVie's temporal interpolation, 16 key frames to 61. Y. Wang et al., "LaVie", 2023, arXiv:2309.15103,
 * section 3.3. Reference: Vchitect/LaVie @6ce851e interpolation/sample.py.
 *
 * The reference repeats every key four times, then drops the first frame and the last two, so that output frame j is
 * conditioned on key ⌊(j+1)/4⌋: key k sits at frame 4k, the first key fills three slots and the last one two. The model
 * reads the repeated keys behind the noisy latents on the channel axis, without noise and without a mask.
 *
 * Where we differ: the reference encodes pictures; here the keys are the base clip's own latents, which saves a decode and
 * an encode and their loss.
 */
import { PipelineError } from '../errors/pipeline-error.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { gatherFrames } from './latent-frames.ts';

/** Frames made from one key to the next. */
const framesPerKey = 4;

/**
 * Which key conditions each output frame: 4·(numKeys − 1) + 1 indices, 61 for 16 keys.
 *
 * @throws PipelineError `INTERNAL` when there are fewer than two keys.
 */
export function keyOfFrames(numKeys: number): number[] {
  if (!Number.isInteger(numKeys) || numKeys < 2) {
    throw new PipelineError('INTERNAL', `interpolation has ${numKeys} key frames; it needs two or more`);
  }
  const numFrames = framesPerKey * (numKeys - 1) + 1;
  return Array.from({ length: numFrames }, (_, frame) => Math.floor((frame + 1) / framesPerKey));
}

/**
 * The condition of an interpolation.
 *
 * @param keys Latents of the key frames, `[1, C, K, h, w]`
 * @returns `[1, C, 4·(K−1)+1, h, w]`
 */
export function repeatKeys(keys: Tensor): Tensor {
  return gatherFrames(keys, keyOfFrames(keys.shape[2] ?? 0));
}
