/**
 * Chunks of frames as VEnhancer's September code makes them. J. He et al., "VEnhancer", 2024, arXiv:2407.07667.
 * Reference: asi-xia/VEnhancer @f779e16 video_to_video/utils/util.py `make_chunks`, `sliding_windows_1d`, `blend_time`, and
 * diffusion/diffusion_sdedit.py `model_chunk_fn`.
 *
 * A clip of no more than `length` frames is one chunk. Of a longer one the last chunk ends with the clip and may be a third longer than the
 * others, so there are as few as can be. Over an overlap of n frames the share of the later chunk is 0, 1/n, … (n−1)/n.
 */
import { PipelineError } from '../errors/pipeline-error.ts';
import { roundHalfEven } from '../tensor/round-half-even.ts';
import type { TimeChunk } from './time-chunks.ts';

/** By how much the last window may be longer. */
const growth = 1.33;

/** A stretch of a clip. */
export interface TimeWindow {
  readonly from: number;
  readonly count: number;
}

/** As few windows as cover `full` frames; each shares `overlap` with the next, and the last one may grow. */
export function growingWindows(full: number, length: number, overlap: number): TimeWindow[] {
  const windows: TimeWindow[] = [];
  for (let from = 0; ; from += length - overlap) {
    if (from + Math.max(length, roundHalfEven(length * growth)) >= full)
      return [...windows, { from, count: full - from }];
    windows.push({ from, count: length });
  }
}

/** Windows with the share of each frame; shares of a frame sum to one. */
export function blended(windows: readonly TimeWindow[], overlap: number): TimeChunk[] {
  return windows.map(({ from, count }, index) => {
    const [before, after] = [windows[index - 1], windows[index + 1]];
    const weights = new Float64Array(count).fill(1);
    const rise = before === undefined ? 0 : Math.min(overlap, count, before.count);
    for (let place = 0; place < rise; place++) weights[place]! *= place / rise;
    const fall = after === undefined ? 0 : Math.min(overlap, count, after.count);
    for (let place = 0; place < fall; place++) weights[count - fall + place]! *= 1 - place / fall;
    return { from, count, weights };
  });
}

/**
 * The chunks of a clip.
 *
 * @param numFrames Frames of the clip; with `keyStep` k above 1 one more than a multiple of k.
 * @param length Frames that the model sees; the last chunk may have a third more.
 * @param keyStep Frames from one key frame to the next; chunks begin with a key.
 */
export function growingChunks(numFrames: number, length: number, keyStep: number): TimeChunk[] {
  if (length <= keyStep || numFrames < 1 || (numFrames - 1) % keyStep !== 0) {
    throw new PipelineError(
      'INTERNAL',
      `chunks of ${length} frames over ${numFrames} with a key every ${keyStep}: a clip begins and ends with a key and a chunk has two`,
    );
  }
  if (numFrames <= length) return [{ from: 0, count: numFrames, weights: new Float64Array(numFrames).fill(1) }];
  const whole = (frames: number): number => Math.floor((frames - 1) / keyStep) * keyStep + 1;
  const overlap = whole(Math.max(1, length / 2));
  return blended(growingWindows(numFrames, whole(length), overlap), overlap);
}
