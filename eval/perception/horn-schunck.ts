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
import { type Plane, halvePlane, samplePlane } from './grey-plane.ts';

// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { max, min } = Math;

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

/** Settings for the pictures of this project. */
export const hornSchunckSettings: HornSchunckSettings = { alpha: 20, warps: 2, iterations: 20, smallestSide: 9 };

/** Flow from one grey plane to another of the same size. */
export function hornSchunck(from: Plane, to: Plane, settings: HornSchunckSettings = hornSchunckSettings): FlowField {
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

const planeOf = ({ width, height }: FlowField, data: Float32Array): Plane => ({ width, height, data });

function refine(from: Plane, to: Plane, start: FlowField, { alpha, iterations }: HornSchunckSettings): FlowField {
  const { width, height } = from;
  const warped: Plane = { width, height, data: warpPlane(to, start) };
  const gradient = gradients(from, warped);
  let u = start.u;
  let v = start.v;
  for (let step = 0; step < iterations; step++) {
    const meanU = neighbourMean({ width, height, data: u });
    const meanV = neighbourMean({ width, height, data: v });
    for (let at = 0; at < meanU.length; at++) {
      const x = gradient.x[at]!;
      const y = gradient.y[at]!;
      const rest =
        warped.data[at]! - from.data[at]! + x * (meanU[at]! - start.u[at]!) + y * (meanV[at]! - start.v[at]!);
      const share = rest / (alpha * alpha + x * x + y * y);
      meanU[at] = meanU[at]! - x * share;
      meanV[at] = meanV[at]! - y * share;
    }
    u = meanU;
    v = meanV;
  }
  return { width, height, u, v };
}

/** What a plane looks like when every pixel is fetched from where the flow, times `scale`, says it went. */
export function warpPlane(plane: Plane, { u, v }: FlowField, scale = 1): Float32Array {
  const made = new Float32Array(plane.data.length);
  for (let row = 0; row < plane.height; row++) {
    for (let column = 0; column < plane.width; column++) {
      const at = row * plane.width + column;
      made[at] = samplePlane(plane, column + scale * u[at]!, row + scale * v[at]!);
    }
  }
  return made;
}

/** Central differences of the mean of both pictures. */
function gradients(one: Plane, two: Plane): { readonly x: Float32Array; readonly y: Float32Array } {
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

function neighbourMean({ width, height, data }: Plane): Float32Array {
  const made = new Float32Array(data.length);
  for (let row = 0; row < height; row++) {
    const middle = row * width;
    const above = row > 0 ? middle - width : middle;
    const below = row < height - 1 ? middle + width : middle;
    for (let column = 0; column < width; column++) {
      const left = column > 0 ? column - 1 : column;
      const right = column < width - 1 ? column + 1 : column;
      const beside = data[above + column]! + data[below + column]! + data[middle + left]! + data[middle + right]!;
      const across = data[above + left]! + data[above + right]! + data[below + left]! + data[below + right]!;
      made[middle + column] = beside / 6 + across / 12;
    }
  }
  return made;
}
