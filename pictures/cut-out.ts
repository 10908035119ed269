/**
 * A subject cut out of its picture: by a mask, by the picture's own transparency, or by a flood fill of a plain background.
 * Pure functions of pixels; what cannot be cut out well is refused, for a model would learn the background as a part of the
 * subject.
 */
import { pictureFault } from './fault.ts';
import type { PreparedPicture } from './prepared-picture.ts';

/** A picture laid on white that still knows where it was transparent. */
export interface LaidPicture extends PreparedPicture {
  /** `height × width`, 0 … 255. */
  readonly alpha: Uint8Array;
}

/** Colour differences, bytes: what counts as the same background along the rim, and what the fill runs over. */
const rimTolerance = 24;
const fillTolerance = 32;
/** Share of the rim that must have the colour of the background. */
const plainShare = 0.9;
/** Opacity from which a pixel is part of the subject, and below which a picture counts as transparent there. */
const opaque = 128;
/** Opacity of the faintest edge that is kept; the picture lies on white already. */
const faintest = 8;
/** Share of the picture that a subject covers at least and at most. */
const [smallest, largest] = [0.002, 0.98];
/** Room around the subject on each side, as a share of the side of the square. */
const margin = 1 / 16;

/**
 * How much of each pixel is subject, 0 … 255: from the mask (its brightness), else from the picture's alpha where it has any
 * transparency, else from a flood fill that begins at the rim.
 *
 * @param mask As large as the picture, or `null`.
 * @throws PipelineError `SCRIPT_INVALID` when the mask has another size, the background is not plain, or nothing or nearly
 * everything is left.
 */
export function opacityOf(picture: LaidPicture, mask: LaidPicture | null): Uint8Array {
  const opacity = mask === null ? (ownOpacity(picture) ?? filledOpacity(picture)) : maskOpacity(picture, mask);
  const covered = opacity.reduce((count, value) => count + Number(value >= opaque), 0) / opacity.length;
  if (covered < smallest) {
    throw pictureFault('shows no subject once its background is gone; show it larger, or give a mask');
  }
  if (covered > largest) {
    throw pictureFault('has no background around the subject; give a mask, or a picture with room around it');
  }
  return opacity;
}

function maskOpacity({ width, height }: LaidPicture, mask: LaidPicture): Uint8Array {
  if (mask.width !== width || mask.height !== height) {
    const found = `has a mask of ${mask.width}x${mask.height} pixels and is ${width}x${height} itself`;
    throw pictureFault(`${found}; a mask is as large as its picture`);
  }
  const area = width * height;
  const { planes, alpha } = mask;
  return Uint8Array.from(alpha, (known, pixel) => {
    const brightness = 0.2126 * planes[pixel]! + 0.7152 * planes[area + pixel]! + 0.0722 * planes[2 * area + pixel]!;
    return Math.round((brightness * known) / 255);
  });
}

/** The alpha channel, if any pixel of it is transparent. */
function ownOpacity({ alpha }: LaidPicture): Uint8Array | null {
  return alpha.some((value) => value < opaque) ? alpha.map((value) => (value < faintest ? 0 : 255)) : null;
}

/** Everything that the rim's colour does not reach through neighbours of nearly that colour. */
function filledOpacity(picture: LaidPicture): Uint8Array {
  const { width, height } = picture;
  const rim = rimOf(width, height);
  const background = medianColour(picture, rim);
  const plain = rim.filter((pixel) => distance(picture, pixel, background) <= rimTolerance).length / rim.length;
  if (plain < plainShare) {
    const found = `has a background that is not plain (${Math.round(100 * plain)} % of its rim has one colour)`;
    throw pictureFault(`${found}; give a mask, a picture with transparency, or one before a plain wall`);
  }
  const opacity = new Uint8Array(width * height).fill(255);
  const open: number[] = [];
  const reach = (pixel: number): void => {
    if (opacity[pixel] === 0 || distance(picture, pixel, background) > fillTolerance) return;
    opacity[pixel] = 0;
    open.push(pixel);
  };
  rim.forEach(reach);
  for (let pixel = open.pop(); pixel !== undefined; pixel = open.pop()) {
    const column = pixel % width;
    if (column > 0) reach(pixel - 1);
    if (column < width - 1) reach(pixel + 1);
    if (pixel >= width) reach(pixel - width);
    if (pixel < width * (height - 1)) reach(pixel + width);
  }
  return opacity;
}

function rimOf(width: number, height: number): number[] {
  const rim = new Set<number>();
  for (let x = 0; x < width; x++) rim.add(x).add((height - 1) * width + x);
  for (let y = 0; y < height; y++) rim.add(y * width).add(y * width + width - 1);
  return [...rim];
}

function medianColour({ width, height, planes }: LaidPicture, pixels: readonly number[]): readonly number[] {
  return [0, 1, 2].map((channel) => {
    const values = pixels.map((pixel) => planes[channel * width * height + pixel]!).sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)] ?? 0;
  });
}

function distance({ width, height, planes }: LaidPicture, pixel: number, colour: readonly number[]): number {
  return Math.max(...colour.map((value, channel) => Math.abs(planes[channel * width * height + pixel]! - value)));
}

/** The subject on white, in the middle of a square with a little room around it. */
export function squareAround({ width, height, planes: from }: LaidPicture, opacity: Uint8Array): PreparedPicture {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let pixel = 0; pixel < opacity.length; pixel++) {
    if (opacity[pixel]! < opaque) continue;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    [left, right, top, bottom] = [Math.min(left, x), Math.max(right, x), Math.min(top, y), Math.max(bottom, y)];
  }
  const longer = Math.max(right - left, bottom - top) + 1;
  const side = Math.round(longer / (1 - 2 * margin));
  const firstColumn = Math.round((left + right + 1 - side) / 2);
  const firstRow = Math.round((top + bottom + 1 - side) / 2);
  const planes = new Uint8Array(3 * side * side).fill(255);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const [x, y] = [firstColumn + column, firstRow + row];
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const pixel = y * width + x;
      const share = opacity[pixel]! / 255;
      for (let channel = 0; channel < 3; channel++) {
        const value = from[channel * width * height + pixel]!;
        planes[channel * side * side + row * side + column] = Math.round(value * share + 255 * (1 - share));
      }
    }
  }
  return { width: side, height: side, planes };
}
