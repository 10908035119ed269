/**
 * Features of where a picture is light and of which colour: means of red, green and blue over a grid of cells, around mid-grey.
 * Stands in for CLIP on pocket films, whose backgrounds are a few flat areas.
 */
import type { RgbFrames } from '../../media/frame-file.ts';

// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { ceil, floor, max } = Math;

const columns = 16;
const rows = 9;
const middleGrey = 127.5;

/** Features `3 channels × 9 × 16 cells` of a frame, −1 … 1. */
export function colourFeatures({ width, height, data }: RgbFrames, frame: number): Float32Array {
  const sums = new Float64Array(3 * rows * columns);
  const bordersX = bordersOf(columns, width);
  for (let channel = 0; channel < 3; channel++) {
    for (let y = 0; y < height; y++) {
      const line = ((3 * frame + channel) * height + y) * width;
      const firstCell = (channel * rows + floor((y * rows) / height)) * columns;
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let x = bordersX[column]!; x < bordersX[column + 1]!; x++) sum += data[line + x]!;
        sums[firstCell + column] = sums[firstCell + column]! + sum;
      }
    }
  }
  const bordersY = bordersOf(rows, height);
  return Float32Array.from(sums, (sum, cell) => {
    const [row, column] = [floor(cell / columns) % rows, cell % columns];
    const pixels = (bordersX[column + 1]! - bordersX[column]!) * (bordersY[row + 1]! - bordersY[row]!);
    return sum / max(1, pixels) / middleGrey - 1;
  });
}

/** Where the cells of a side begin, and its end: pixel `p` lies in cell `floor(p · cells / length)`. */
function bordersOf(cells: number, length: number): readonly number[] {
  return Array.from({ length: cells + 1 }, (_, cell) => ceil((cell * length) / cells));
}
