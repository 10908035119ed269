/**
 * Resampling of pictures with a triangle filter that widens when a picture is made smaller, as Pillow's `BILINEAR` and
 * torch's `interpolate(antialias=True)` do. Separable: first rows, then columns.
 */

/** The part of a picture that is resampled, in pixels; fractions are allowed. */
export interface Crop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** One channel: rows of numbers. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  /** `height × width`. */
  readonly data: ArrayLike<number>;
}

/** The largest crop of a shape of a picture: in its middle, or by `focus` nearer to its left or top end (0) or the other (1). */
export function cropOf(
  picture: { readonly width: number; readonly height: number },
  shape: { readonly width: number; readonly height: number },
  focus = 0.5,
): Crop {
  const scale = Math.min(picture.width / shape.width, picture.height / shape.height);
  const [width, height] = [shape.width * scale, shape.height * scale];
  return { left: (picture.width - width) * focus, top: (picture.height - height) * focus, width, height };
}

/** Resamples a crop of a plane to `width` × `height` numbers. */
export function resamplePlane(plane: Plane, crop: Crop, width: number, height: number): Float32Array {
  const columns = tapsOf(plane.width, crop.left, crop.width, width);
  const rows = tapsOf(plane.height, crop.top, crop.height, height);
  const narrow = new Float32Array(plane.height * width);
  for (let y = 0; y < plane.height; y++) {
    for (let x = 0; x < width; x++) {
      const { first, weights } = columns[x]!;
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++) sum += weights[tap]! * plane.data[y * plane.width + first + tap]!;
      narrow[y * width + x] = sum;
    }
  }
  const result = new Float32Array(height * width);
  for (let y = 0; y < height; y++) {
    const { first, weights } = rows[y]!;
    for (let tap = 0; tap < weights.length; tap++) {
      const weight = weights[tap]!;
      for (let x = 0; x < width; x++) result[y * width + x]! += weight * narrow[(first + tap) * width + x]!;
    }
  }
  return result;
}

interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

/** For each output position the inputs that it is made of, and their shares. */
function tapsOf(length: number, start: number, extent: number, count: number): Taps[] {
  const scale = extent / count;
  const reach = Math.max(1, scale);
  return Array.from({ length: count }, (_, index) => {
    const centre = start + (index + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const end = Math.min(length, Math.floor(centre + reach + 0.5));
    const weights = new Float64Array(Math.max(1, end - first));
    let sum = 0;
    for (let tap = 0; tap < weights.length; tap++) {
      weights[tap] = Math.max(0, 1 - Math.abs((first + tap + 0.5 - centre) / reach));
      sum += weights[tap]!;
    }
    for (let tap = 0; tap < weights.length; tap++) weights[tap]! /= sum;
    return { first, weights };
  });
}
