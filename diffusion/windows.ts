/**
 * Windows of frames that attention sees together. H. Qiu et al., "FreeNoise: Tuning-Free Longer Video Diffusion via Noise
 * Rescheduling", 2023, arXiv:2310.15169, section 3.3 (local window fusion).
 * Reference: AILab-CVC/FreeNoise @404b68b lvdm/modules/attention_freenoise.py.
 *
 * The model graph gathers the frames of each window, attends inside it, and divides the weighted sum of the results by the
 * sum of the weights.
 *
 * Where we differ: a length that is not window + n · stride gets one more window at its very end; the reference leaves the
 * tail at zero.
 */
import { PipelineError } from '../errors/pipeline-error.ts';

/** The `windows` and `window_weights` inputs of a denoiser graph, both `[numWindows, windowLength]`. */
export interface AttentionWindows {
  readonly shape: readonly [numWindows: number, windowLength: number];
  /** Frame indices, row by row. */
  readonly frames: BigInt64Array;
  /** Weight of each frame in its window, row by row. */
  readonly weights: Float32Array;
}

/**
 * How much a frame's result counts by its place in the window: all alike, rising to the middle (1 … 8, 8 … 1), or hardly anything up to the
 * middle and falling from there (0.01 …, 8, 8 … 1), as huggingface/diffusers 0.35.2 has it (models/attention.py
 * `FreeNoiseTransformerBlock._get_frame_weights`, "delayed_reverse_sawtooth"; of an odd length that gives one weight too many, and the first is left out here).
 */
export type WindowWeighting = 'flat' | 'pyramid' | 'sawtooth';

/** One window over all frames with weight one: plain attention. */
export function fullWindow(numFrames: number): AttentionWindows {
  return slidingWindows({ numFrames, windowLength: numFrames, stride: numFrames, weighting: 'flat' });
}

/**
 * Overlapping windows that cover every frame; FreeNoise uses length 16, stride 4, pyramid. A clip not longer than a window
 * gets one window of its own length.
 *
 * @throws PipelineError `INTERNAL` when a number is not a positive integer, or when the stride leaves gaps.
 */
export function slidingWindows(options: {
  readonly numFrames: number;
  readonly windowLength: number;
  readonly stride: number;
  readonly weighting: WindowWeighting;
}): AttentionWindows {
  const { numFrames, windowLength, stride, weighting } = options;
  if (![numFrames, windowLength, stride].every((each) => Number.isInteger(each) && each > 0) || stride > windowLength) {
    throw new PipelineError(
      'INTERNAL',
      `windows of ${windowLength} frames every ${stride} over ${numFrames}: all must be whole, positive, and the stride no longer than the window`,
    );
  }
  const length = Math.min(windowLength, numFrames);
  const lastStart = numFrames - length;
  const starts: number[] = [];
  for (let start = 0; start < lastStart; start += stride) starts.push(start);
  starts.push(lastStart);

  const frames = new BigInt64Array(starts.length * length);
  const weights = new Float32Array(starts.length * length);
  for (const [row, start] of starts.entries()) {
    for (let place = 0; place < length; place++) {
      frames[row * length + place] = BigInt(start + place);
      weights[row * length + place] = weightAt(weighting, place, length);
    }
  }
  return { shape: [starts.length, length], frames, weights };
}

function weightAt(weighting: WindowWeighting, place: number, length: number): number {
  if (weighting === 'flat') return 1;
  if (weighting === 'pyramid') return Math.min(place + 1, length - place);
  const middle = Math.ceil(length / 2);
  if (place < middle - 1) return 0.01;
  return Math.min(middle, length - place);
}
