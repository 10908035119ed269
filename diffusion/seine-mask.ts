/**
 * Conditioning of SEINE: a clip whose first and last frames may be known. X. Chen et al., "SEINE: Short-to-Long Video
 * Diffusion Model for Generative Transition and Prediction", 2023, arXiv:2310.20700, section 3.2.
 * Reference: Vchitect/SEINE @bd8d519 sample_scripts/with_mask_sample.py.
 *
 * The model reads `[x_t | mask | masked latents]` on the channel axis. **Mask 0 is known, 1 is to be made.** Known frames
 * stay noisy in x_t: they are told through the masked latents only.
 *
 * Where we differ: the reference masks pixels and encodes them, so its unknown frames carry the latents of mid-grey; ours
 * are zero, as the manifest's contract says. It also returns the known frames as the model repainted them; we put the
 * given ones back, so that a frame shared by two clips is the same in both, bit for bit.
 */
import { PipelineError } from '../errors/pipeline-error.ts';
import { sameShape, Tensor } from '../tensor/tensor.ts';
import { frameRange, gatherFrames } from './latent-frames.ts';

/** What is known of a clip that SEINE completes. */
export interface KnownFrames {
  /** Frames of the whole clip. */
  readonly numFrames: number;
  /** Latents of its first frames, `[1, C, k, h, w]`, or `null`. */
  readonly start: Tensor | null;
  /** Latents of its last frames, `[1, C, k, h, w]`, or `null`. */
  readonly end: Tensor | null;
}

/**
 * What a transition of `numFrames` frames knows: the last `known` frames of the clip before and the first `known` of the
 * clip after.
 */
export function knownOfTransition(before: Tensor, after: Tensor, known: number, numFrames: number): KnownFrames {
  const beforeFrames = before.shape[2] ?? 0;
  return {
    numFrames,
    start: gatherFrames(before, frameRange(beforeFrames - known, known)),
    end: gatherFrames(after, frameRange(0, known)),
  };
}

/**
 * The condition channels of the model.
 *
 * @returns `[1, 1 + C, F, h, w]`: the mask, then the masked latents, zero where the mask is 1.
 * @throws PipelineError `INTERNAL` when nothing is known, nothing is left to make, or both ends differ in size.
 */
export function seineCondition(frames: KnownFrames): Tensor {
  const { channels, numStart, numEnd, height, width } = measure(frames);
  const plane = height * width;
  const length = frames.numFrames * plane;
  const condition = Tensor.zeros([1, 1 + channels, frames.numFrames, height, width]);
  condition.data.fill(1, numStart * plane, length - numEnd * plane);
  putKnown(condition.data.subarray(length), frames, plane);
  return condition;
}

/** The clip with its known frames put back exactly; a tensor of its own. */
export function restoreKnown(latents: Tensor, frames: KnownFrames): Tensor {
  const { channels, height, width } = measure(frames);
  const expected = [1, channels, frames.numFrames, height, width];
  if (!sameShape(latents.shape, expected)) {
    throw new PipelineError(
      'INTERNAL',
      `the clip has shape [${latents.shape.join(', ')}]; its known frames need [${expected.join(', ')}]`,
    );
  }
  const restored = new Tensor(latents.shape, latents.data.slice());
  putKnown(restored.data, frames, height * width);
  return restored;
}

/** Writes the known frames into the data of a `[1, C, F, h, w]` clip. */
function putKnown(data: Float32Array, { numFrames, start, end }: KnownFrames, plane: number): void {
  for (const [known, atEnd] of [
    [start, false],
    [end, true],
  ] as const) {
    if (known === null) continue;
    const channels = known.shape[1]!;
    const run = known.shape[2]! * plane;
    for (let channel = 0; channel < channels; channel++) {
      const target = atEnd ? (channel + 1) * numFrames * plane - run : channel * numFrames * plane;
      data.set(known.data.subarray(channel * run, (channel + 1) * run), target);
    }
  }
}

function measure({ numFrames, start, end }: KnownFrames): {
  channels: number;
  numStart: number;
  numEnd: number;
  height: number;
  width: number;
} {
  const shape = (start ?? end)?.shape;
  if (shape?.length !== 5) {
    throw new PipelineError('INTERNAL', 'SEINE needs at least one known frame, as latents [1, C, k, h, w]');
  }
  const [, channels, , height, width] = shape as [number, number, number, number, number];
  const numStart = start?.shape[2] ?? 0;
  const numEnd = end?.shape[2] ?? 0;
  if (end !== null && !sameShape(end.shape, [1, channels, numEnd, height, width])) {
    throw new PipelineError(
      'INTERNAL',
      `the known ends of the clip have shapes [${shape.join(', ')}] and [${end.shape.join(', ')}]; only the number of frames may differ`,
    );
  }
  if (numStart + numEnd < 1 || numStart + numEnd >= numFrames) {
    throw new PipelineError(
      'INTERNAL',
      `${numStart} + ${numEnd} of ${numFrames} frames are known; at least one must be known and one must be left to make`,
    );
  }
  return { channels, numStart, numEnd, height, width };
}
