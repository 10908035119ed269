/**
 * A model that sees a long clip in overlapping chunks of frames, in every denoising step. O. Bar-Tal et al., "MultiDiffusion",
 * 2023, arXiv:2302.08113, equation 5, over time instead of space.
 *
 * All chunks share one noisy clip, and where two overlap it goes on from the weighted mean of their predictions; so a frame
 * that two chunks share comes out once, and its neighbours on both sides are made to fit it. Memory of a call depends on the
 * length of a chunk and not of the clip.
 */
import { axesOf, expectShape, Tensor } from '../tensor/tensor.ts';
import type { DenoisingModel } from './guidance.ts';
import type { AttentionWindows } from './windows.ts';

/**
 * Wraps a model whose inputs may hold chunks of frames.
 *
 * @param chunks Runs of frames with the weight of each; see `slidingWindows`.
 */
export function chunkedModel(model: DenoisingModel, chunks: AttentionWindows): DenoisingModel {
  const [numChunks, length] = chunks.shape;
  if (numChunks === 1) return model;
  return async (sample, timestep, context, towards) => {
    expectShape('sample', sample, [null, null, null, null, null]);
    const [batch, , numFrames, height, width] = axesOf(sample, 5);
    const plane = height * width;
    const weightOf = new Float64Array(numFrames);
    let sums: Float64Array | null = null;
    let channels = 0;
    for (let chunk = 0; chunk < numChunks; chunk++) {
      const first = Number(chunks.frames[chunk * length]);
      const weights = chunks.weights.subarray(chunk * length, (chunk + 1) * length);
      const words = context.shape[1] === 1 ? context : frameSlice(context, 1, first, length);
      const predicted = await model(frameSlice(sample, 2, first, length), timestep, words, towards);
      expectShape('prediction of a chunk', predicted, [batch, null, length, height, width]);
      channels = predicted.shape[1]!;
      sums ??= new Float64Array(batch * channels * numFrames * plane);
      for (const [place, weight] of weights.entries()) {
        weightOf[first + place]! += weight;
        for (let row = 0; row < batch * channels; row++) {
          const source = (row * length + place) * plane;
          const target = (row * numFrames + first + place) * plane;
          for (let cell = 0; cell < plane; cell++) sums[target + cell]! += weight * predicted.data[source + cell]!;
        }
      }
    }
    const fused = Float32Array.from(sums ?? [], (sum, index) => sum / weightOf[Math.floor(index / plane) % numFrames]!);
    return new Tensor([batch, channels, numFrames, height, width], fused);
  };
}

/** `count` frames from `first` on, of a tensor with frames on the given axis. */
function frameSlice({ shape, data }: Tensor, axis: number, first: number, count: number): Tensor {
  const numFrames = shape[axis]!;
  const size = shape.slice(axis + 1).reduce((product, length) => product * length, 1);
  const rows = data.length / (numFrames * size);
  const slice = new Float32Array(rows * count * size);
  for (let row = 0; row < rows; row++) {
    const start = (row * numFrames + first) * size;
    slice.set(data.subarray(start, start + count * size), row * count * size);
  }
  return new Tensor([...shape.slice(0, axis), count, ...shape.slice(axis + 1)], slice);
}
