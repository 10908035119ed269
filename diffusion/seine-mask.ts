/**
 * Conditioning of SEINE: a clip of which some frames are known. X. Chen et al., "SEINE: Short-to-Long Video Diffusion
 * Model for Generative Transition and Prediction", 2023, arXiv:2310.20700, section 3.2.
 * Reference: Vchitect/SEINE @bd8d519 sample_scripts/with_mask_sample.py.
 *
 * The model reads `[x_t | mask | masked latents]` on the channel axis. **Mask 0 is known, 1 is to be made.** Known frames
 * stay noisy in x_t: they are told through the masked latents only. Which frames are known makes the mode: the first
 * (animation), the first few (prediction), both ends (transition), or any (interpolation).
 *
 * The reference masks pixels and encodes them, so its unknown frames carry the latents of mid-grey. A package that was trained so says it
 * (`unknown: grey`); of others they are zero.
 *
 * Where we differ: the reference returns the known frames as the model repainted them; we put the
 * given ones back, so that a frame shared by two clips is the same in both, bit for bit.
 */
import { PipelineError } from '../errors/pipeline-error.ts';
import { axesOf, expectShape, sameShape, Tensor } from '../tensor/tensor.ts';
import { frameRange, gatherFrames, joinFrames } from './latent-frames.ts';

/** What is known of a clip that SEINE completes. */
export interface KnownFrames {
  /** Frames of the whole clip. */
  readonly numFrames: number;
  /** Numbers of the known ones, each once, in any order. */
  readonly frames: readonly number[];
  /** Their latents in that order, `[1, C, frames.length, h, w]`. */
  readonly latents: Tensor;
}

/**
 * What a transition of `numFrames` frames knows: the last `known` frames of the clip before and the first `known` of the
 * clip after.
 */
export function knownOfTransition(before: Tensor, after: Tensor, known: number, numFrames: number): KnownFrames {
  const beforeFrames = before.shape[2] ?? 0;
  return {
    numFrames,
    frames: [...frameRange(0, known), ...frameRange(numFrames - known, known)],
    latents: joinFrames([
      gatherFrames(before, frameRange(beforeFrames - known, known)),
      gatherFrames(after, frameRange(0, known)),
    ]),
  };
}

/**
 * The condition channels of the model.
 *
 * @param unknown Masked latents of a frame that is not known, `[1, C, h, w]`; zeros when absent.
 * @returns `[1, 1 + C, F, h, w]`: the mask, then the masked latents, those of `unknown` where the mask is 1.
 * @throws PipelineError `INTERNAL` when nothing is known, nothing is left to make, or a frame is outside or comes twice.
 */
export function seineCondition(known: KnownFrames, unknown: Tensor | null = null): Tensor {
  const { channels, height, width } = measure(known);
  const plane = height * width;
  const condition = Tensor.zeros([1, 1 + channels, known.numFrames, height, width]);
  const mask = condition.data.subarray(0, known.numFrames * plane).fill(1);
  for (const frame of known.frames) mask.fill(0, frame * plane, (frame + 1) * plane);
  const masked = condition.data.subarray(mask.length);
  if (unknown !== null) {
    expectShape('latents of an unknown frame', unknown, [1, channels, height, width]);
    for (let channel = 0; channel < channels; channel++) {
      const picture = unknown.data.subarray(channel * plane, (channel + 1) * plane);
      for (let frame = 0; frame < known.numFrames; frame++)
        masked.set(picture, (channel * known.numFrames + frame) * plane);
    }
  }
  putKnown(masked, known, plane);
  return condition;
}

/** The clip with its known frames put back exactly; a tensor of its own. */
export function restoreKnown(latents: Tensor, known: KnownFrames): Tensor {
  const { channels, height, width } = measure(known);
  const expected = [1, channels, known.numFrames, height, width];
  if (!sameShape(latents.shape, expected)) {
    throw new PipelineError(
      'INTERNAL',
      `the clip has shape [${latents.shape.join(', ')}]; its known frames need [${expected.join(', ')}]`,
    );
  }
  const restored = new Tensor(latents.shape, latents.data.slice());
  putKnown(restored.data, known, height * width);
  return restored;
}

/** Writes the known frames into the data of a `[1, C, F, h, w]` clip. */
function putKnown(data: Float32Array, { numFrames, frames, latents }: KnownFrames, plane: number): void {
  const channels = latents.shape[1]!;
  for (let channel = 0; channel < channels; channel++) {
    for (const [position, frame] of frames.entries()) {
      const source = (channel * frames.length + position) * plane;
      data.set(latents.data.subarray(source, source + plane), (channel * numFrames + frame) * plane);
    }
  }
}

function measure({ numFrames, frames, latents }: KnownFrames): { channels: number; height: number; width: number } {
  expectShape('known frames', latents, [1, null, frames.length, null, null]);
  const outside = frames.find((frame) => !Number.isInteger(frame) || frame < 0 || frame >= numFrames);
  if (outside !== undefined) {
    throw new PipelineError('INTERNAL', `known frame ${outside} is outside a clip of frames 0 … ${numFrames - 1}`);
  }
  const different = new Set(frames).size;
  if (different < frames.length || different < 1 || different >= numFrames) {
    throw new PipelineError(
      'INTERNAL',
      `frames ${frames.join(', ')} of ${numFrames} are known; each is known once, at least one is, and one must be left to make`,
    );
  }
  const [, channels, , height, width] = axesOf(latents, 5);
  return { channels, height, width };
}
