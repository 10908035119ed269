import { PipelineError } from '../errors/pipeline-error.ts';
import { axesOf, expectShape, Tensor } from '../tensor/tensor.ts';

/**
 * Gathers frames of a clip into a clip of their own: output frame i is `frames[i]`. An index may come twice.
 *
 * @param latents `[1, C, F, h, w]`
 * @returns `[1, C, frames.length, h, w]`
 * @throws PipelineError `INTERNAL` when an index is outside the clip.
 */
export function gatherFrames(latents: Tensor, frames: readonly number[]): Tensor {
  expectShape('latents', latents, [1, null, null, null, null]);
  const [, channels, numFrames, height, width] = axesOf(latents, 5);
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

/**
 * Clips of one size one after the other.
 *
 * @param clips `[1, C, any, h, w]` each, at least one.
 * @returns `[1, C, sum of frames, h, w]`
 * @throws PipelineError `INTERNAL` when they differ in more than their number of frames.
 */
export function joinFrames(clips: readonly Tensor[]): Tensor {
  const [one, channels = 0, , height = 0, width = 0] = clips[0]?.shape ?? [];
  for (const clip of clips) expectShape('a clip to join', clip, [one ?? 1, channels, null, height, width]);
  const numFrames = clips.reduce((sum, clip) => sum + clip.shape[2]!, 0);
  const joined = Tensor.zeros([1, channels, numFrames, height, width]);
  const plane = height * width;
  let first = 0;
  for (const { shape, data } of clips) {
    const run = shape[2]! * plane;
    for (let channel = 0; channel < channels; channel++) {
      joined.data.set(data.subarray(channel * run, (channel + 1) * run), (channel * numFrames + first) * plane);
    }
    first += shape[2]!;
  }
  return joined;
}

/** `count` whole numbers from `first` on. */
export function frameRange(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}
