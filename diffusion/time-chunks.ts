/**
 * Chunks of frames that an enhancer sees together. J. He et al., "VEnhancer", 2024, arXiv:2407.07667.
 * Reference: ueoo/VEnhancer @f03c69c inference_utils.py `make_chunks`, and the linear blend of its September code.
 *
 * Chunks begin and end on key frames, and neighbours share half their length. Where two overlap, the weight of one falls in a
 * straight line as that of the other rises, and each step of the solver goes on from the mean.
 *
 * | here | reference |
 * | --- | --- |
 * | `length` 24 | chunk of ⌊23 / k⌋ k + 1 frames, overlap of ⌊11 / k⌋ k + 1, k frames from key to key |
 *
 * Where we differ: the last chunk ends with the clip and has the length of the others, so its overlap may be longer; the
 * reference lets the last one grow to 1.33 times the length.
 */
import { PipelineError } from '../errors/pipeline-error.ts';
import { axesOf, Tensor } from '../tensor/tensor.ts';

/** Frames of a clip that are seen together, and how much each counts. */
export interface TimeChunk {
  readonly from: number;
  readonly count: number;
  /** Of each frame, 0 … 1; over all chunks those of a frame sum to one. */
  readonly weights: Float64Array;
}

/**
 * The chunks of a clip.
 *
 * @param numFrames Frames of the clip; with `keyStep` k above 1 one more than a multiple of k.
 * @param length Frames that the model sees at most.
 * @param keyStep Frames from one key frame to the next.
 */
export function timeChunks(numFrames: number, length: number, keyStep: number): TimeChunk[] {
  const whole = [numFrames, length, keyStep].every((each) => Number.isInteger(each) && each > 0);
  if (!whole || length <= keyStep || (numFrames - 1) % keyStep !== 0) {
    throw new PipelineError(
      'INTERNAL',
      `chunks of ${length} frames over ${numFrames} with a key every ${keyStep}: a clip begins and ends with a key and a chunk has two`,
    );
  }
  const most = Math.floor((length - 1) / keyStep) * keyStep + 1;
  const count = Math.min(most, numFrames);
  const overlap = Math.floor((most - 1) / 2 / keyStep) * keyStep + 1;
  const starts: number[] = [];
  for (let start = 0; start < numFrames - count; start += most - overlap) starts.push(start);
  starts.push(numFrames - count);

  const shares = starts.map((from, index) => {
    const before = index === 0 ? 0 : starts[index - 1]! + count - from;
    const after = index === starts.length - 1 ? 0 : from + count - starts[index + 1]!;
    return Float64Array.from({ length: count }, (_, place) => {
      const rise = before > 1 ? Math.min(1, place / (before - 1)) : 1;
      const fall = after > 1 ? Math.min(1, (count - 1 - place) / (after - 1)) : 1;
      return Math.min(rise, fall);
    });
  });
  const sums = new Float64Array(numFrames);
  shares.forEach((weights, index) => {
    weights.forEach((weight, place) => (sums[starts[index]! + place]! += weight));
  });
  return starts.map((from, index) => ({
    from,
    count,
    weights: shares[index]!.map((weight, place) => weight / sums[from + place]!),
  }));
}

/**
 * The chunks that have a share in frames `from … from+count−1`. Frames outside the run are context: where some of their chunks
 * are left out, the others count in full.
 */
export function chunksFor(
  chunks: readonly TimeChunk[],
  run: { readonly from: number; readonly count: number },
): TimeChunk[] {
  const chosen = chunks.filter((chunk) =>
    chunk.weights.some((weight, place) => {
      const frame = chunk.from + place;
      return weight > 0 && frame >= run.from && frame < run.from + run.count;
    }),
  );
  const sums = new Map<number, { weight: number; chunks: number }>();
  for (const { from, weights } of chosen) {
    for (const [place, weight] of weights.entries()) {
      const sum = sums.get(from + place) ?? { weight: 0, chunks: 0 };
      sums.set(from + place, { weight: sum.weight + weight, chunks: sum.chunks + 1 });
    }
  }
  return chosen.map((chunk) => ({
    ...chunk,
    weights: chunk.weights.map((weight, place) => {
      const sum = sums.get(chunk.from + place)!;
      return sum.weight > 0 ? weight / sum.weight : 1 / sum.chunks;
    }),
  }));
}

/** The words of a run of frames, of `[B, F or 1, T, D]`. */
export function framesOfContext(
  context: Tensor,
  { from, count }: { readonly from: number; readonly count: number },
): Tensor {
  const [batch, frames, tokens, width] = axesOf(context, 4);
  if (frames === 1) return context;
  const size = tokens * width;
  const words = new Float32Array(batch * count * size);
  for (let entry = 0; entry < batch; entry++) {
    const first = (entry * frames + from) * size;
    words.set(context.data.subarray(first, first + count * size), entry * count * size);
  }
  return new Tensor([batch, count, tokens, width], words);
}
