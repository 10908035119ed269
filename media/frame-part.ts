import type { RgbFrames } from './frame-file.ts';
import type { Yuv420Frame } from './segment-encoder.ts';

/** Parts of pictures, and pictures as parts of larger ones. Nothing is stretched. */

/** Sides of a picture, pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** A part of a picture, pixels. */
export interface FramePart extends PictureSize {
  readonly left: number;
  readonly top: number;
}

/** The largest part of a picture with the shape of a film; `focus` from 0, its left or top end, to 1. Whole pixels. */
export function partOfShape(
  { width, height }: PictureSize,
  film: PictureSize,
  { focus, even }: { readonly focus: number; readonly even: boolean },
): FramePart {
  const side = (pixels: number, most: number): number =>
    even ? evenSide(pixels, most) : Math.min(most, Math.max(1, Math.round(pixels)));
  const wide = width * film.height > height * film.width;
  const size = wide
    ? { width: side((height * film.width) / film.height, width), height }
    : { width, height: side((width * film.height) / film.width, height) };
  // Half a pixel goes to the right and the lower side.
  const at = (free: number): number => Math.floor(free * focus);
  return { left: at(width - size.width), top: at(height - size.height), ...size };
}

/** The nearest even number of pixels, 2 at least and `most` at most. */
function evenSide(pixels: number, most: number): number {
  return Math.min(most, Math.max(2, 2 * Math.round(pixels / 2)));
}

/** Where a whole picture lies in a film of another shape: in its middle, on even pixels. */
export function wholeIn(film: PictureSize, { width, height }: PictureSize): FramePart {
  const wide = width * film.height > height * film.width;
  const size = wide
    ? { width: film.width, height: evenSide((film.width * height) / width, film.height) }
    : { width: evenSide((film.height * width) / height, film.width), height: film.height };
  const middle = (free: number): number => 2 * Math.floor(free / 4);
  return { left: middle(film.width - size.width), top: middle(film.height - size.height), ...size };
}

/**
 * One part of each frame. All have the same size; one of `left` and `top` may lie between two pixels: a crop that moves in whole
 * pixels jerks, by as many pixels as the film is larger.
 */
export function cutParts(frames: RgbFrames, parts: readonly FramePart[]): RgbFrames {
  const [{ width, height } = { width: 0, height: 0 }] = parts;
  const data = new Uint8Array(frames.count * 3 * height * width);
  let place = 0;
  parts.forEach(({ left, top }, frame) => {
    const [column, row] = [Math.floor(left), Math.floor(top)];
    const [taps, step] = left > column ? [cubic(left - column), 1] : [cubic(top - row), frames.width];
    for (let colour = 0; colour < 3; colour++) {
      const plane = (frame * 3 + colour) * frames.height * frames.width;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const at = plane + (row + y) * frames.width + column + x;
          data[place++] =
            taps === null
              ? frames.data[at]!
              : mixed(frames.data, at, step, taps, step === 1 ? [column + x, frames.width] : [row + y, frames.height]);
        }
      }
    }
  });
  return { count: frames.count, width, height, data };
}

/** Weights of the four pixels around a place between two of them (Catmull-Rom); `null` on a pixel. */
function cubic(share: number): readonly [number, number, number, number] | null {
  if (share === 0) return null;
  const [t, tt, ttt] = [share, share ** 2, share ** 3];
  return [(-t + 2 * tt - ttt) / 2, (2 - 5 * tt + 3 * ttt) / 2, (t + 4 * tt - 3 * ttt) / 2, (ttt - tt) / 2];
}

function mixed(
  pixels: Uint8Array,
  at: number,
  step: number,
  [a, b, c, d]: readonly [number, number, number, number],
  [index, length]: readonly [number, number],
): number {
  const pixel = (offset: number): number => pixels[at + Math.min(length - 1 - index, Math.max(-index, offset)) * step]!;
  return Math.min(255, Math.max(0, Math.round(a * pixel(-1) + b * pixel(0) + c * pixel(1) + d * pixel(2))));
}

/** A picture on the black of a film: itself when it fills it. */
export function onCanvas(
  picture: Yuv420Frame,
  { left, top, width, height }: FramePart,
  film: PictureSize,
): Yuv420Frame {
  if (width === film.width && height === film.height) return picture;
  const plane = (from: Uint8Array, scale: number, black: number): Uint8Array => {
    const [rowLength, filmLength] = [width / scale, film.width / scale];
    const to = new Uint8Array((film.width * film.height) / scale ** 2).fill(black);
    for (let row = 0; row < height / scale; row++) {
      to.set(from.subarray(row * rowLength, (row + 1) * rowLength), (top / scale + row) * filmLength + left / scale);
    }
    return to;
  };
  // Black of limited range.
  return { y: plane(picture.y, 1, 16), u: plane(picture.u, 2, 128), v: plane(picture.v, 2, 128) };
}

/** A picture `[3, part.height, part.width]` in its place in a frame, mirrored at its sides. */
export function mirrored(picture: Float32Array, part: FramePart, { width, height }: PictureSize): Float32Array {
  const frame = new Float32Array(3 * width * height);
  for (let colour = 0; colour < 3; colour++) {
    for (let y = 0; y < height; y++) {
      const row = (colour * part.height + reflected(y - part.top, part.height)) * part.width;
      for (let x = 0; x < width; x++) {
        frame[(colour * height + y) * width + x] = picture[row + reflected(x - part.left, part.width)]!;
      }
    }
  }
  return frame;
}

/** Index of a pixel that lies `index` from the first of `length`: -1 is the first again, -2 the second. */
function reflected(index: number, length: number): number {
  const around = ((index % (2 * length)) + 2 * length) % (2 * length);
  return around < length ? around : 2 * length - 1 - around;
}
