/**
 * Noise for clips that are longer than a model's window. H. Qiu et al., "FreeNoise: Tuning-Free Longer Video Diffusion via
 * Noise Rescheduling", 2023, arXiv:2310.15169, section 3.2.
 * Reference: AILab-CVC/FreeNoise @404b68b scripts/evaluation/inference_freenoise.py.
 *
 * Only the frames of the first window have noise of their own. From there on, each block of `stride` frames takes the noise
 * of the block one window earlier, in random order: far frames stay correlated, so the clip keeps its subject, and the order
 * of the noise differs, so it does not repeat itself.
 *
 * Where we differ: the last block may be shorter than the stride, and then takes the first frames of its order; the
 * reference needs a length of window + n · stride. The order follows from the seed of the clip and not from a global
 * generator.
 */
import { PipelineError } from '../errors/pipeline-error.ts';
import { philoxNormal } from '../tensor/philox.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { gatherFrames } from './latent-frames.ts';

/** The geometry of the windows, frames. */
export interface NoiseWindows {
  readonly windowLength: number;
  readonly stride: number;
}

/**
 * Which frame of the first window lends its noise to each frame of the clip.
 *
 * @param shuffle The random order of a block: a permutation of 0 … stride−1. Blocks are counted from 0.
 * @throws PipelineError `INTERNAL` when lengths are not whole and positive, or the stride is longer than the window.
 */
export function rescheduledFrames(
  numFrames: number,
  { windowLength, stride }: NoiseWindows,
  shuffle: (block: number) => readonly number[],
): number[] {
  if (![numFrames, windowLength, stride].every((each) => Number.isInteger(each) && each > 0) || stride > windowLength) {
    throw new PipelineError(
      'INTERNAL',
      `noise of ${windowLength} frames, ${stride} at a time, for ${numFrames}: all must be whole, positive, and the stride no longer than the window`,
    );
  }
  const lenders = Array.from({ length: Math.min(windowLength, numFrames) }, (_, frame) => frame);
  for (let block = 0; lenders.length < numFrames; block++) {
    const first = block * stride;
    for (const place of shuffle(block)) {
      if (lenders.length < numFrames) lenders.push(lenders[first + place]!);
    }
  }
  return lenders;
}

/**
 * Spreads the noise of one window over a clip of any length.
 *
 * @param noise Standard normals of the first window, `[1, C, windowLength, h, w]`
 * @param random Key of the shuffling; draw 0 of the stream is used.
 * @returns `[1, C, numFrames, h, w]`
 */
export function rescheduleNoise(
  noise: Tensor,
  numFrames: number,
  stride: number,
  random: { readonly seed: number; readonly stream: string },
): Tensor {
  const windowLength = noise.shape[2] ?? 0;
  const numBlocks = Math.max(0, Math.ceil((numFrames - windowLength) / stride));
  const draws = philoxNormal({ ...random, step: 0 }, numBlocks * stride);
  // The ranks of independent draws are a random order, each equally likely.
  const orderOf = (block: number): number[] =>
    Array.from({ length: stride }, (_, place) => place).sort(
      (a, b) => draws[block * stride + a]! - draws[block * stride + b]! || a - b,
    );
  return gatherFrames(noise, rescheduledFrames(numFrames, { windowLength, stride }, orderOf));
}
