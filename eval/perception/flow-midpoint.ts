import type { RgbFrames } from '../../media/frame-file.ts';
import type { FlowField } from '../formulas/flow-field.ts';
import { type Plane } from './grey-plane.ts';
import { warpPlane } from './horn-schunck.ts';

// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { round } = Math;

/**
 * The frame halfway between two others: each is brought half of the way along the flow, and the two are averaged.
 *
 * @param flow - From frame `before` to frame `after`, at the size of the frames.
 * @returns Bytes `[3, height, width]`.
 */
export function flowMidpoint(frames: RgbFrames, before: number, after: number, flow: FlowField): Uint8Array {
  const { width, height } = frames;
  const size = width * height;
  const made = new Uint8Array(3 * size);
  for (let channel = 0; channel < 3; channel++) {
    const first = warpPlane(channelOf(frames, before, channel), flow, -0.5);
    const second = warpPlane(channelOf(frames, after, channel), flow, 0.5);
    for (let at = 0; at < size; at++) made[channel * size + at] = round((first[at]! + second[at]!) / 2);
  }
  return made;
}

function channelOf({ width, height, data }: RgbFrames, frame: number, channel: number): Plane {
  const size = width * height;
  const start = (3 * frame + channel) * size;
  return { width, height, data: Float32Array.from(data.subarray(start, start + size)) };
}
