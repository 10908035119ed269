/**
 * Separable resizing of planes by a kernel, for pictures that are made larger.
 *
 * `bicubic`: R. Keys, "Cubic Convolution Interpolation for Digital Image Processing", 1981, with a = −0.75, as torch's
 * `interpolate(mode="bicubic", align_corners=False)` computes it, which the enhancer is trained with.
 * `bilinear`: the same function's `mode="bilinear"`, which many perception models are shown frames by.
 * `lanczos`: C. Duchon, "Lanczos Filtering in One and Two Dimensions", 1979, three lobes; each output's weights sum to one.
 * Both repeat the outermost pixels beyond the border. `lanczos` widens its kernel where a side gets shorter, so that nothing
 * flickers; `bicubic` and `bilinear`, as torch's without antialiasing, do not.
 */
import type { Plane } from './resample.ts';

/** How a pixel is made of its neighbours. */
export type ResizeKernel = 'bilinear' | 'bicubic' | 'lanczos';

const cubicA = -0.75;
const reachOf: Readonly<Record<ResizeKernel, number>> = { bilinear: 1, bicubic: 2, lanczos: 3 };
const { abs, PI, sin } = Math;

/** The whole plane at `width` × `height` numbers. Values may leave the range of the input a little at edges. */
export function resizePlane(plane: Plane, width: number, height: number, kernel: ResizeKernel): Float32Array {
  if (plane.width === width && plane.height === height) return Float32Array.from(plane.data);
  const columns = tapsOf(plane.width, width, kernel);
  const rows = tapsOf(plane.height, height, kernel);
  const wide = new Float32Array(plane.height * width);
  for (let y = 0; y < plane.height; y++) {
    const source = y * plane.width;
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let tap = x * columns.count; tap < (x + 1) * columns.count; tap++) {
        sum += columns.weights[tap]! * plane.data[source + columns.places[tap]!]!;
      }
      wide[y * width + x] = sum;
    }
  }
  const result = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let tap = y * rows.count; tap < (y + 1) * rows.count; tap++) {
      const weight = rows.weights[tap]!;
      const source = rows.places[tap]! * width;
      for (let x = 0; x < width; x++) result[y * width + x]! += weight * wide[source + x]!;
    }
  }
  return result;
}

interface Taps {
  /** Of each output. */
  readonly count: number;
  readonly places: Int32Array;
  readonly weights: Float64Array;
}

/** For each output position the inputs that it is made of, and their shares. */
function tapsOf(from: number, to: number, kernel: ResizeKernel): Taps {
  const scale = from / to;
  const stretch = kernel === 'lanczos' ? Math.max(1, scale) : 1;
  const reach = reachOf[kernel] * stretch;
  const count = 2 * Math.ceil(reach);
  const places = new Int32Array(to * count);
  const weights = new Float64Array(to * count);
  for (let index = 0; index < to; index++) {
    const centre = (index + 0.5) * scale - 0.5;
    const first = Math.floor(centre) - count / 2 + 1;
    let sum = 0;
    for (let tap = 0; tap < count; tap++) {
      const weight = weightAt((first + tap - centre) / stretch, kernel);
      places[index * count + tap] = Math.min(from - 1, Math.max(0, first + tap));
      weights[index * count + tap] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < count; tap++) weights[index * count + tap]! /= sum;
  }
  return { count, places, weights };
}

function weightAt(distance: number, kernel: ResizeKernel): number {
  const x = abs(distance);
  if (x >= reachOf[kernel]) return 0;
  if (kernel === 'lanczos') return x === 0 ? 1 : (3 * sin(PI * x) * sin((PI * x) / 3)) / (PI * x) ** 2;
  if (kernel === 'bilinear') return 1 - x;
  if (x <= 1) return ((cubicA + 2) * x - (cubicA + 3)) * x * x + 1;
  return cubicA * (((x - 5) * x + 8) * x - 4);
}
