import { transform3 } from '../diffusion/fourier.ts';
import { greyPlane } from '../eval/perception/grey-plane.ts';
import type { RgbFrames } from '../media/frame-file.ts';

const numBands = 8;

/**
 * How strong the frequencies of pictures are, as FreeU's figures show it (arXiv:2309.11497, figures 5 and 7): the mean of the
 * logarithm of the Fourier amplitude in rings around frequency 0, less that of the innermost ring.
 *
 * @param frames - Numbers of the frames to look at; the mean over them counts.
 * @returns Eight rings outwards to the shorter side's highest frequency; natural logarithms, the first 0.
 */
export function frequencyBands(clip: RgbFrames, frames: readonly number[]): number[] {
  const sums = new Float64Array(numBands);
  const counts = new Float64Array(numBands);
  for (const frame of frames) {
    const { width, height, data } = greyPlane(clip, frame);
    const real = Float64Array.from(data);
    const imaginary = new Float64Array(real.length);
    transform3({ shape: [1, height, width], real, imaginary }, 'forward');
    for (const cell of real.keys()) {
      const across = Math.min(cell % width, width - (cell % width)) / (width / 2);
      const row = Math.floor(cell / width);
      const down = Math.min(row, height - row) / (height / 2);
      const band = Math.floor(Math.hypot(across, down) * numBands);
      if (band >= numBands) continue;
      sums[band]! += Math.log(Math.hypot(real[cell]!, imaginary[cell]!) + 1e-6);
      counts[band]! += 1;
    }
  }
  const means = [...sums].map((sum, band) => sum / counts[band]!);
  return means.map((mean) => mean - means[0]!);
}
