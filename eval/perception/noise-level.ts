/**
 * How noisy a picture is, without knowing what it should look like: stands in for MUSIQ on pocket films, and sees noise alone.
 *
 * J. Immerkær, "Fast Noise Variance Estimation", Computer Vision and Image Understanding 64, 1996: the difference of two
 * Laplacians cancels flat areas and straight edges;  σ = √(π/2) / (6 (W−2)(H−2)) Σ |I ∗ N|.
 */
import type { GreyPlane } from './grey-plane.ts';

// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { PI, abs, sqrt } = Math;

/** Standard deviation of the noise that halves the score, grey levels. */
const halvingSigma = 8;

/** Estimated standard deviation of the noise in a frame's luma, grey levels; the picture has at least 3 × 3 pixels. */
export function noiseSigma({ width, height, data }: GreyPlane): number {
  let sum = 0;
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const corners = data[at - width - 1]! + data[at - width + 1]! + data[at + width - 1]! + data[at + width + 1]!;
      const sides = data[at - width]! + data[at + width]! + data[at - 1]! + data[at + 1]!;
      sum += abs(corners - 2 * sides + 4 * data[at]!);
    }
  }
  return (sqrt(PI / 2) * sum) / (6 * (width - 2) * (height - 2));
}

/** Quality of a frame by its luma, 100 without noise, half of it for every 8 grey levels. */
export function noiseScore(luma: GreyPlane): number {
  return 100 * 2 ** (-noiseSigma(luma) / halvingSigma);
}
