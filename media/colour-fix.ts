/**
 * Gives a picture that a model made the colours of its source. Two ways, as STAR has them (R. Xie et al., "STAR:
 * Spatial-Temporal Augmentation with Text-to-Video Models for Real-World Video Super-Resolution", 2025, arXiv:2501.02976;
 * NJU-PCALab/STAR, video_super_resolution/color_fix.py):
 *
 * `wavelet`: five times, what a blur takes away is set aside as detail. The result has the detail of the picture and what is
 * left of the source. The blur of level i has the kernel 1 2 1 in both directions, its taps 2^i pixels apart.
 * `adain`: each channel gets mean and deviation of the source (X. Huang, S. Belongie, 2017, arXiv:1703.06868, equation 8).
 *
 * Borders are repeated outwards. Arithmetic is float32 in planes, sums float64.
 */
import type { Plane } from '../tensor/resample.ts';

/** How colours are fixed. */
export type ColourFix = 'wavelet' | 'adain';

/** Levels of the wavelet: colours agree over some sixty pixels. */
const levels = 5;
/**
 * What keeps a channel without contrast from being divided by zero, as the reference adds it to the variance: 1e-5 of pixels in
 * 0 … 1, and four times that of pixels in −1 … 1.
 */
const epsilon = 4e-5;

/**
 * Fixes one channel.
 *
 * @param picture What the model made. @param source Of the same size. Both are left as they are.
 */
export function fixColour(picture: Plane, source: Plane, way: ColourFix): Float32Array {
  if (picture.width !== source.width || picture.height !== source.height) {
    throw new RangeError(
      `a picture of ${picture.width}x${picture.height} cannot get the colours of one of ${source.width}x${source.height}`,
    );
  }
  return way === 'wavelet' ? waveletFix(picture, source) : adainFix(picture, source);
}

/** Picture minus its low band plus that of the source: by linearity, the picture plus the low band of the difference. */
function waveletFix({ width, height, data }: Plane, source: Plane): Float32Array {
  let low: Float32Array = Float32Array.from(source.data, (value, index) => value - data[index]!);
  for (let level = 0; level < levels; level++) low = blur(low, width, height, 2 ** level);
  return low.map((difference, index) => data[index]! + difference);
}

function blur(plane: Float32Array, width: number, height: number, reach: number): Float32Array {
  const across = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width; x++) {
      const left = plane[row + Math.max(0, x - reach)]!;
      const right = plane[row + Math.min(width - 1, x + reach)]!;
      across[row + x] = 0.25 * left + 0.5 * plane[row + x]! + 0.25 * right;
    }
  }
  const result = new Float32Array(plane.length);
  for (let y = 0; y < height; y++) {
    const above = Math.max(0, y - reach) * width;
    const below = Math.min(height - 1, y + reach) * width;
    const row = y * width;
    for (let x = 0; x < width; x++) {
      result[row + x] = 0.25 * across[above + x]! + 0.5 * across[row + x]! + 0.25 * across[below + x]!;
    }
  }
  return result;
}

function adainFix({ data }: Plane, source: Plane): Float32Array {
  const [from, to] = [statistics(data), statistics(source.data)];
  return Float32Array.from(data, (value) => ((value - from.mean) / from.deviation) * to.deviation + to.mean);
}

function statistics(plane: ArrayLike<number>): { readonly mean: number; readonly deviation: number } {
  const values = Float64Array.from(plane);
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, deviation: Math.sqrt(squares / (values.length - 1) + epsilon) };
}
