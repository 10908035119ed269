/**
 * Separable Gaussian blur, as torchvision's `gaussian_blur` computes it: the bell is sampled at whole pixels and its weights sum to
 * one; beyond the border the picture is mirrored at its outermost pixels, which are not repeated.
 */
import type { Plane } from './resample.ts';

// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { ceil, exp } = Math;

/** A plane blurred by a bell of deviation `sigma` pixels, cut off at three of them. Sides must be longer than that. */
export function gaussianBlur({ width, height, data }: Plane, sigma: number): Float32Array {
  const reach = ceil(3 * sigma);
  const bell = Array.from({ length: 2 * reach + 1 }, (_, tap) => exp(-0.5 * ((tap - reach) / sigma) ** 2));
  const sum = bell.reduce((all, weight) => all + weight, 0);
  const weights = Float64Array.from(bell, (weight) => weight / sum);
  const across = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let mixed = 0;
      for (let tap = -reach; tap <= reach; tap++)
        mixed += weights[tap + reach]! * data[y * width + mirrored(x + tap, width)]!;
      across[y * width + x] = mixed;
    }
  }
  const made = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let tap = -reach; tap <= reach; tap++) {
      const weight = weights[tap + reach]!;
      const from = mirrored(y + tap, height) * width;
      for (let x = 0; x < width; x++) made[y * width + x]! += weight * across[from + x]!;
    }
  }
  return made;
}

function mirrored(place: number, length: number): number {
  const inside = place < 0 ? -place : place;
  return inside < length ? inside : 2 * (length - 1) - inside;
}
