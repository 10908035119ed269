/**
 * Which frames a temporal decoder is given together. Decoders that look at neighbouring frames make other pixels of a frame beside other
 * neighbours, so windows lie on a grid of the whole clip and follow from the package alone: not from memory, and not from which part of a
 * clip a worker makes.
 *
 * References: maxin-cn/Latte @b27c24a sample/pipeline_latte.py `decode_latents_with_temporal_decoder`, 14 frames a call, one call behind the
 * other; asi-xia/VEnhancer @f779e16 video_to_video_model.py `tiled_chunked_decode`, 5 frames that overlap by 2.
 */
import { blended, growingWindows } from '../../diffusion/growing-chunks.ts';
import type { TimeChunk } from '../../diffusion/time-chunks.ts';
import { axesOf, type Tensor } from '../../tensor/tensor.ts';

/** Frames of a call, and how many of them it shares with the next. */
export interface DecodeWindows {
  readonly frames: number;
  readonly overlap: number;
}

/** The windows of a clip, with the share of each frame. Without an overlap the last one may be shorter, with one it may grow. */
export function decodeWindows(numFrames: number, { frames, overlap }: DecodeWindows): TimeChunk[] {
  if (overlap > 0) return blended(growingWindows(numFrames, frames, overlap), overlap);
  return Array.from({ length: Math.ceil(numFrames / frames) }, (_, index) => {
    const from = index * frames;
    const count = Math.min(frames, numFrames - from);
    return { from, count, weights: new Float64Array(count).fill(1) };
  });
}

/** The windows that have a share in frames `from … from + count − 1`. */
export function windowsOver(
  windows: readonly TimeChunk[],
  { from, count }: { readonly from: number; readonly count: number },
): readonly TimeChunk[] {
  return windows.filter((window) =>
    window.weights.some((weight, place) => {
      const frame = window.from + place;
      return weight > 0 && frame >= from && frame < from + count;
    }),
  );
}

/**
 * Frames `from … from + count − 1`, one after the other, each the weighted sum of what its windows give. What is held is one window and the
 * frames that the next one shares with it.
 *
 * @param decode Decodes a window to `[count, …]`.
 */
export async function* blendedFrames(
  windows: readonly TimeChunk[],
  { from, count }: { readonly from: number; readonly count: number },
  decode: (window: TimeChunk) => Promise<Float32Array>,
): AsyncGenerator<Float32Array> {
  const chosen = windowsOver(windows, { from, count });
  const open = new Map<number, Float32Array>();
  for (const [index, window] of chosen.entries()) {
    const made = await decode(window);
    const size = made.length / window.count;
    for (let place = 0; place < window.count; place++) {
      const [frame, weight] = [window.from + place, window.weights[place] ?? 0];
      if (frame < from || frame >= from + count) continue;
      const part = made.subarray(place * size, (place + 1) * size);
      const before = open.get(frame);
      open.set(frame, before === undefined ? scaled(part, weight) : added(before, part, weight));
    }
    const next = chosen[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    for (const [frame, picture] of open) {
      if (frame >= next) break;
      open.delete(frame);
      yield picture;
    }
  }
}

function scaled(part: Float32Array, weight: number): Float32Array {
  return weight === 1 ? part.slice() : part.map((value) => weight * value);
}

function added(sum: Float32Array, part: Float32Array, weight: number): Float32Array {
  for (const [at, value] of part.entries()) sum[at] = (sum[at] ?? 0) + weight * value;
  return sum;
}

/** Frames `from … from + count − 1` of `[1, C, F, h, w]` as `[count, C, h, w]`. */
export function framesFirst(latents: Tensor, from: number, count: number): Float32Array {
  const [, channels, numFrames, height, width] = axesOf(latents, 5);
  const plane = height * width;
  const turned = new Float32Array(count * channels * plane);
  for (let frame = 0; frame < count; frame++) {
    for (let channel = 0; channel < channels; channel++) {
      const start = (channel * numFrames + from + frame) * plane;
      turned.set(latents.data.subarray(start, start + plane), (frame * channels + channel) * plane);
    }
  }
  return turned;
}
