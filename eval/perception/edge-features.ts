/**
 * Features of what stands in a picture, from the directions of its edges: stands in for DINO on pocket films.
 *
 * N. Dalal, B. Triggs, "Histograms of Oriented Gradients for Human Detection", CVPR 2005: gradients of luma, unsigned
 * directions in 9 bins, weighted by their length, over a grid of cells. Where we differ: the whole frame is one block (divided
 * by its norm when compared), and bins are not interpolated.
 */
import type { RgbFrames } from '../../media/frame-file.ts';
import { greyPlane } from './grey-plane.ts';

// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { PI, atan2, floor, hypot } = Math;

const columns = 16;
const rows = 9;
const bins = 9;

/** Features `16 × 9 cells × 9 bins` of a frame. */
export function edgeFeatures(frames: RgbFrames, frame: number): Float32Array {
  const { width, height, data } = greyPlane(frames, frame);
  const made = new Float32Array(columns * rows * bins);
  for (let y = 1; y < height - 1; y++) {
    const row = floor((y * rows) / height);
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const across = data[at + 1]! - data[at - 1]!;
      const down = data[at + width]! - data[at - width]!;
      const angle = atan2(down, across) / PI;
      const bin = floor((angle < 0 ? angle + 1 : angle) * bins) % bins;
      const cell = (row * columns + floor((x * columns) / width)) * bins + bin;
      made[cell] = made[cell]! + hypot(across, down);
    }
  }
  return made;
}
