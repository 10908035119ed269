import type { RgbFrames } from '../../media/frame-file.ts';
import type { Plane } from '../../tensor/resample.ts';

// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { floor, max, min } = Math;

/** A plane of light and dark. */
export interface GreyPlane extends Plane {
  readonly data: Float32Array;
}

/** BT.709 luma of a frame, 0 … 255. */
export function greyPlane({ width, height, data }: RgbFrames, frame: number): GreyPlane {
  const size = width * height;
  const red = frame * 3 * size;
  const grey = new Float32Array(size);
  for (let at = 0; at < size; at++) {
    grey[at] = 0.2126 * data[red + at]! + 0.7152 * data[red + size + at]! + 0.0722 * data[red + 2 * size + at]!;
  }
  return { width, height, data: grey };
}

/** Halves a plane by averaging blocks of four; an odd last row or column is left out. */
export function halvePlane({ width, height, data }: GreyPlane): GreyPlane {
  const half = { width: floor(width / 2), height: floor(height / 2) };
  const made = new Float32Array(half.width * half.height);
  for (let row = 0; row < half.height; row++) {
    for (let column = 0; column < half.width; column++) {
      const at = 2 * row * width + 2 * column;
      made[row * half.width + column] = (data[at]! + data[at + 1]! + data[at + width]! + data[at + width + 1]!) / 4;
    }
  }
  return { ...half, data: made };
}

/** The value between pixels, linear; outside the plane its border goes on. */
export function samplePlane({ width, height, data }: GreyPlane, x: number, y: number): number {
  const left = min(max(x, 0), width - 1);
  const top = min(max(y, 0), height - 1);
  const column = min(floor(left), max(0, width - 2));
  const row = min(floor(top), max(0, height - 2));
  const across = left - column;
  const down = top - row;
  const at = row * width + column;
  const right = width > 1 ? 1 : 0;
  const below = height > 1 ? width : 0;
  const upper = data[at]! * (1 - across) + data[at + right]! * across;
  const lower = data[at + below]! * (1 - across) + data[at + below + right]! * across;
  return upper * (1 - down) + lower * down;
}
