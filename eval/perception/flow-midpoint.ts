import type { RgbFrames } from '../../media/frame-file.ts';
import { resamplePlane } from '../../tensor/resample.ts';
import type { FlowField } from '../formulas/flow-field.ts';

// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { floor, max, min, round } = Math;

/**
 * The frame halfway between two others: each is brought half of the way along the flow, and the two are averaged.
 *
 * @param flow - From frame `before` to frame `after`.
 * @returns Bytes `[3, height, width]`.
 */
export function flowMidpoint(frames: RgbFrames, before: number, after: number, flow: FlowField): Uint8Array {
  const { width, height } = frames;
  const { u, v } = atSizeOf(frames, flow);
  const size = width * height;
  const sum = new Float32Array(3 * size);
  addMoved(sum, frames, before, { u, v, share: -0.5 });
  addMoved(sum, frames, after, { u, v, share: 0.5 });
  const made = new Uint8Array(3 * size);
  for (let at = 0; at < made.length; at++) made[at] = round(sum[at]! / 2);
  return made;
}

/**
 * Adds a frame in which every pixel is fetched from where a share of the flow says it went, linear between pixels; outside the
 * picture its border goes on.
 */
function addMoved(
  sum: Float32Array,
  { width, height, data }: RgbFrames,
  frame: number,
  { u, v, share }: Pick<FlowField, 'u' | 'v'> & { readonly share: number },
): void {
  const size = width * height;
  const lastX = width - 1;
  const lastY = height - 1;
  const right = width > 1 ? 1 : 0;
  const below = height > 1 ? width : 0;
  for (let at = 0; at < size; at++) {
    const x = min(max((at % width) + share * u[at]!, 0), lastX);
    const y = min(max(floor(at / width) + share * v[at]!, 0), lastY);
    const left = min(floor(x), max(0, lastX - 1));
    const top = min(floor(y), max(0, lastY - 1));
    const across = x - left;
    const down = y - top;
    let from = 3 * frame * size + top * width + left;
    for (let into = at; into < sum.length; into += size, from += size) {
      const upper = data[from]! + across * (data[from + right]! - data[from]!);
      const lower = data[from + below]! + across * (data[from + below + right]! - data[from + below]!);
      sum[into] = sum[into]! + upper + down * (lower - upper);
    }
  }
}

/** Flow for every pixel of the frames, between the vectors that are there. */
function atSizeOf({ width, height }: RgbFrames, flow: FlowField): Pick<FlowField, 'u' | 'v'> {
  if (flow.width === width && flow.height === height) return flow;
  const whole = { left: 0, top: 0, width: flow.width, height: flow.height };
  const grown = (data: Float32Array): Float32Array =>
    resamplePlane({ width: flow.width, height: flow.height, data }, whole, width, height);
  return { u: grown(flow.u), v: grown(flow.v) };
}
