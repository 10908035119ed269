/**
 * Features of what stands in a picture, from the directions of its edges: stands in for DINO on pocket films.
 *
 * N. Dalal, B. Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005: gradients of luma, unsigned
 * directions in 9 bins, weighted by their length, over a grid of cells. Where we differ: the whole frame is one block (divided
 * by its norm when compared), and bins are not interpolated.
 */
import type { GreyPlane } from './grey-plane.ts';

// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { PI, floor, sqrt, tan } = Math;

const columns = 16;
const rows = 9;
const bins = 9;
/** Cotangents of the angles between bins, falling: a direction of the upper half lies beyond those that its own is not above. */
const borders = Float64Array.from({ length: bins - 1 }, (_, index) => 1 / tan(((index + 1) * PI) / bins));

/** Features `16 × 9 cells × 9 bins` of a frame's luma. */
export function edgeFeatures({ width, height, data }: GreyPlane): Float32Array {
  const made = new Float32Array(columns * rows * bins);
  const cellOf = Uint16Array.from({ length: width }, (_, x) => floor((x * columns) / width) * bins);
  for (let y = 1; y < height - 1; y++) {
    const row = floor((y * rows) / height) * columns * bins;
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const across = data[at + 1]! - data[at - 1]!;
      const down = data[at + width]! - data[at - width]!;
      if (across === 0 && down === 0) continue;
      const bin = row + cellOf[x]! + binOf(across, down);
      made[bin] = made[bin]! + sqrt(across * across + down * down);
    }
  }
  return made;
}

/** The bin of an unsigned direction: a line has the same one whichever way along it one goes. */
function binOf(across: number, down: number): number {
  const isUpper = down > 0 || (down === 0 && across > 0);
  const x = isUpper ? across : -across;
  const y = isUpper ? down : -down;
  let bin = x <= y * borders[3]! ? 4 : 0;
  while (bin < bins - 1 && x <= y * borders[bin]!) bin++;
  return bin;
}
