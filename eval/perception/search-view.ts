/**
 * Frames as a model that finds what words name is shown them: those of OWLv2, as `Owlv2ImageProcessor` of transformers 5.23.0 makes
 * them. A frame becomes a square, black on the right and below; one that is made smaller is blurred first; then it is resized as
 * numbers, bilinear, and not rounded back to bytes.
 */
import type { RgbFrames } from '../../media/frame-file.ts';
import { gaussianBlur } from '../../tensor/gaussian-blur.ts';
import { resizePlane } from '../../tensor/resize.ts';
import type { GraphTensor } from '../../engine/graph.ts';

/** The side of the square, pixels. */
export interface SearchView {
  readonly square: number;
}

/** The side of the square that a frame is put into before it is resized, pixels: boxes are shares of it. */
export function squareSide({ width, height }: Pick<RgbFrames, 'width' | 'height'>): number {
  return Math.max(width, height);
}

/** One frame `[1, 3, square, square]` in −1…1. */
export function searchView(
  frames: RgbFrames,
  frame: number,
  { square }: SearchView,
): Extract<GraphTensor, { type: 'float32' }> {
  const { width, height } = frames;
  const side = squareSide(frames);
  const sigma = (side / square - 1) / 2;
  const data = new Float32Array(3 * square * square);
  for (let channel = 0; channel < 3; channel++) {
    const whole = new Float32Array(side * side);
    for (let y = 0; y < height; y++) {
      const from = ((3 * frame + channel) * height + y) * width;
      whole.set(
        Float32Array.from(frames.data.subarray(from, from + width), (byte) => byte / 255),
        y * side,
      );
    }
    const size = { width: side, height: side };
    const smooth = sigma > 0 ? gaussianBlur({ ...size, data: whole }, sigma) : whole;
    const resized = resizePlane({ ...size, data: smooth }, square, square, 'bilinear');
    data.set(
      resized.map((value) => 2 * value - 1),
      channel * square * square,
    );
  }
  return { type: 'float32', shape: [1, 3, square, square], data };
}
