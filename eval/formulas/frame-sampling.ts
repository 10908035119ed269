/**
 * Which frames a dimension looks at. Vchitect/VBench @45e79ec, `vbench/utils.py`, `get_frame_indices`, sample `middle`: the
 * video is cut into equal parts and the middle frame of each is taken; a video with too few frames repeats its last one.
 */

/** Indices of `count` frames of a video of `numFrames`, in order. */
export function middleFrames(numFrames: number, count: number): readonly number[] {
  const parts = Math.min(count, numFrames);
  const borders = Array.from({ length: parts + 1 }, (_, index) => Math.floor((index * numFrames) / parts));
  return Array.from({ length: count }, (_, index) => {
    const part = Math.min(index, parts - 1);
    return Math.floor(((borders[part] ?? 0) + (borders[part + 1] ?? 0) - 1) / 2);
  });
}
