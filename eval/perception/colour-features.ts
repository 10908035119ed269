/**
 * Features of where a picture is light and of which colour: means of red, green and blue over a grid of cells, around mid-grey.
 * Stands in for CLIP on pocket films, whose backgrounds are a few flat areas.
 */
import type { RgbFrames } from '../../media/frame-file.ts';

// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { floor, max } = Math;

const columns = 16;
const rows = 9;
const middleGrey = 127.5;

/** Features `3 channels × 9 × 16 cells` of a frame, −1 … 1. */
export function colourFeatures({ width, height, data }: RgbFrames, frame: number): Float32Array {
  const made = new Float32Array(3 * rows * columns);
  const counts = new Float32Array(made.length);
  const size = width * height;
  for (let channel = 0; channel < 3; channel++) {
    const plane = (3 * frame + channel) * size;
    for (let at = 0; at < size; at++) {
      const row = floor((floor(at / width) * rows) / height);
      const cell = (channel * rows + row) * columns + floor(((at % width) * columns) / width);
      made[cell] = made[cell]! + data[plane + at]! / middleGrey - 1;
      counts[cell] = counts[cell]! + 1;
    }
  }
  return made.map((sum, cell) => sum / max(1, counts[cell]!));
}
