import { PipelineError } from '../errors/pipeline-error.ts';
import { expectShape, Tensor } from '../tensor/tensor.ts';

/**
 * Gathers frames of a clip into a clip of their own: output frame i is `frames[i]`. An index may come twice.
 *
 * @param latents `[1, C, F, h, w]`
 * @returns `[1, C, frames.length, h, w]`
 * @throws PipelineError `INTERNAL` when an index is outside the clip.
 */
export function gatherFrames(latents: Tensor, frames: readonly number[]): Tensor {
  expectShape('latents', latents, [1, null, null, null, null]);
  const [, channels, numFrames, height, width] = latents.shape as [number, number, number, number, number];
  const outside = frames.find((frame) => !Number.isInteger(frame) || frame < 0 || frame >= numFrames);
  if (outside !== undefined) {
    throw new PipelineError('INTERNAL', `frame ${outside} is outside the clip, which has frames 0 … ${numFrames - 1}`);
  }
  const gathered = Tensor.zeros([1, channels, frames.length, height, width]);
  const plane = height * width;
  for (let channel = 0; channel < channels; channel++) {
    for (let position = 0; position < frames.length; position++) {
      const source = (channel * numFrames + frames[position]!) * plane;
      gathered.data.set(latents.data.subarray(source, source + plane), (channel * frames.length + position) * plane);
    }
  }
  return gathered;
}

/** `count` whole numbers from `first` on. */
export function frameRange(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
