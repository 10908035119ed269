/**
 * Dense optical flow without a network: Horn and Schunck's, from coarse to fine with warping.
 *
 * B. Horn, B. Schunck, "Determining Optical Flow", Artificial Intelligence 17, 1981; the iteration of eq. 15 and 16. Pyramid
 * and warping as in E. Meinhardt-Llopis, J. Sánchez, D. Kondermann, "Horn-Schunck Optical Flow with a Multi-Scale Strategy",
 * IPOL 2013, doi:10.5201/ipol.2013.20.
 *
 *   u, v    displacement to the right and down, pixels;  ū, v̄  its mean over the neighbours (weights 1/6 beside, 1/12 across)
 *   r       I_2(x + u_0) − I_1(x) + I_x (ū − u_0x) + I_y (v̄ − u_0y)
 *   u = ū − I_x r / (α² + I_x² + I_y²),   v = v̄ − I_y r / (α² + I_x² + I_y²)
 *
 * Why this one: no maintained library of dense flow runs in Node without a native build of OpenCV; it is exact to test, fills
 * in flat areas (block matching and Lucas-Kanade do not), and pictures of 256 pixels need no more.
 */
import type { FlowField } from '../formulas/flow-field.ts';
import { type GreyPlane, halvePlane, samplePlane } from './grey-plane.ts';

// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { max, min, sqrt } = Math;

/** How the flow is found. */
export interface HornSchunckSettings {
  /** Smoothness weight, grey levels: larger fields bend less. */
  readonly alpha: number;
  /** Warps per pyramid level, and iterations per warp. */
  readonly warps: number;
  readonly iterations: number;
  /** The pyramid ends when a side would fall under this, pixels. */
  readonly smallestSide: number;
}

/** Settings for the pictures of this project: with a smaller weight the shimmer of a thing that stands still looks like motion. */
export const hornSchunckSettings: HornSchunckSettings = { alpha: 24, warps: 2, iterations: 20, smallestSide: 9 };

/** Flow from one grey plane to another of the same size. */
export function hornSchunck(
  from: GreyPlane,
  to: GreyPlane,
  settings: HornSchunckSettings = hornSchunckSettings,
): FlowField {
  const canHalve = min(from.width, from.height) >= 2 * settings.smallestSide;
  const size = from.width * from.height;
  const start = canHalve
    ? enlarge(hornSchunck(halvePlane(from), halvePlane(to), settings), from)
    : { width: from.width, height: from.height, u: new Float32Array(size), v: new Float32Array(size) };
  let flow = start;
  for (let warp = 0; warp < settings.warps; warp++) flow = refine(from, to, flow, settings);
  return flow;
}

function enlarge(flow: FlowField, { width, height }: { readonly width: number; readonly height: number }): FlowField {
  const u = new Float32Array(width * height);
  const v = new Float32Array(width * height);
  const planes = { u: planeOf(flow, flow.u), v: planeOf(flow, flow.v) };
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const x = (column + 0.5) / 2 - 0.5;
      const y = (row + 0.5) / 2 - 0.5;
      u[row * width + column] = 2 * samplePlane(planes.u, x, y);
      v[row * width + column] = 2 * samplePlane(planes.v, x, y);
    }
  }
  return { width, height, u, v };
}

const planeOf = ({ width, height }: FlowField, data: Float32Array): GreyPlane => ({ width, height, data });

/** Warps the second picture by the flow so far, and solves for the flow that is left. */
function refine(
  from: GreyPlane,
  to: GreyPlane,
  start: FlowField,
  { alpha, iterations }: HornSchunckSettings,
): FlowField {
  const { width, height } = from;
  const problem = linearised(from, { width, height, data: warpPlane(to, start) }, start, alpha);
  let now: Padded = { u: padded(start.u, from), v: padded(start.v, from) };
  let next: Padded = { u: new Float32Array(now.u.length), v: new Float32Array(now.v.length) };
  for (let step = 0; step < iterations; step++) {
    extendBorder(now.u, from);
    extendBorder(now.v, from);
    relax(problem, now, next, from);
    [now, next] = [next, now];
  }
  return { width, height, u: unpadded(now.u, from), v: unpadded(now.v, from) };
}

/**
 * I_x, I_y and I_t of the paper, each divided by √(α² + I_x² + I_y²): with them the update is  u = ū − I_x (I_x ū + I_y v̄ + I_t),
 * and the like for v. I_t is the difference that is left at zero flow.
 */
interface Linearised {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly t: Float32Array;
}

function linearised(from: GreyPlane, warped: GreyPlane, start: FlowField, alpha: number): Linearised {
  const { x, y } = gradients(from, warped);
  const t = new Float32Array(x.length);
  for (let at = 0; at < t.length; at++) {
    const scale = 1 / sqrt(alpha * alpha + x[at]! * x[at]! + y[at]! * y[at]!);
    const difference = warped.data[at]! - from.data[at]! - x[at]! * start.u[at]! - y[at]! * start.v[at]!;
    t[at] = difference * scale;
    x[at] = x[at]! * scale;
    y[at] = y[at]! * scale;
  }
  return { x, y, t };
}

/** A field with a border of one cell on every side: neighbours are there for every pixel, and the loop has no case for edges. */
interface Padded {
  readonly u: Float32Array;
  readonly v: Float32Array;
}

type Size = Pick<GreyPlane, 'width' | 'height'>;

function padded(field: Float32Array, { width, height }: Size): Float32Array {
  const made = new Float32Array((width + 2) * (height + 2));
  for (let row = 0; row < height; row++)
    made.set(field.subarray(row * width, (row + 1) * width), (row + 1) * (width + 2) + 1);
  return made;
}

function unpadded(field: Float32Array, { width, height }: Size): Float32Array {
  const made = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = (row + 1) * (width + 2) + 1;
    made.set(field.subarray(start, start + width), row * width);
  }
  return made;
}

/** The border repeats the pixels beside it. */
function extendBorder(field: Float32Array, { width, height }: Size): void {
  const stride = width + 2;
  for (let row = 1; row <= height; row++) {
    field[row * stride] = field[row * stride + 1]!;
    field[row * stride + width + 1] = field[row * stride + width]!;
  }
  field.copyWithin(0, stride, 2 * stride);
  field.copyWithin((height + 1) * stride, height * stride, (height + 1) * stride);
}

/**
 * One iteration. The mean of the neighbours weighs sides by 1/6 and corners by 1/12: it is that of the 3 × 3 binomial filter without its
 * middle, so sums of columns serve three pixels each.
 */
function relax(problem: Linearised, now: Padded, made: Padded, { width, height }: Size): void {
  // Named apart: a property of an object per number is slow.
  const { x, y, t } = problem;
  const { u, v } = now;
  const { u: nextU, v: nextV } = made;
  const stride = width + 2;
  let at = 0;
  for (let row = 1; row <= height; row++) {
    const first = row * stride;
    let leftU = u[first - stride]! + 2 * u[first]! + u[first + stride]!;
    let leftV = v[first - stride]! + 2 * v[first]! + v[first + stride]!;
    let middleU = u[first + 1 - stride]! + 2 * u[first + 1]! + u[first + 1 + stride]!;
    let middleV = v[first + 1 - stride]! + 2 * v[first + 1]! + v[first + 1 + stride]!;
    for (let place = first + 1; place <= first + width; place++, at++) {
      const next = place + 1;
      const rightU = u[next - stride]! + 2 * u[next]! + u[next + stride]!;
      const rightV = v[next - stride]! + 2 * v[next]! + v[next + stride]!;
      const meanU = (leftU + 2 * middleU + rightU - 4 * u[place]!) / 12;
      const meanV = (leftV + 2 * middleV + rightV - 4 * v[place]!) / 12;
      const rest = x[at]! * meanU + y[at]! * meanV + t[at]!;
      nextU[place] = meanU - x[at]! * rest;
      nextV[place] = meanV - y[at]! * rest;
      leftU = middleU;
      leftV = middleV;
      middleU = rightU;
      middleV = rightV;
    }
  }
}

/** What a plane looks like when every pixel is fetched from where the flow says it went. */
function warpPlane(plane: GreyPlane, { u, v }: FlowField): Float32Array {
  const made = new Float32Array(plane.data.length);
  for (let row = 0; row < plane.height; row++) {
    for (let column = 0; column < plane.width; column++) {
      const at = row * plane.width + column;
      made[at] = samplePlane(plane, column + u[at]!, row + v[at]!);
    }
  }
  return made;
}

/** Central differences of the mean of both pictures. */
function gradients(one: GreyPlane, two: GreyPlane): { readonly x: Float32Array; readonly y: Float32Array } {
  const { width, height } = one;
  const x = new Float32Array(width * height);
  const y = new Float32Array(width * height);
  const at = (row: number, column: number): number => {
    const index = row * width + column;
    return one.data[index]! + two.data[index]!;
  };
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const index = row * width + column;
      x[index] = (at(row, min(column + 1, width - 1)) - at(row, max(column - 1, 0))) / 4;
      y[index] = (at(min(row + 1, height - 1), column) - at(max(row - 1, 0), column)) / 4;
    }
  }
  return { x, y };
}
