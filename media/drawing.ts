import type { RgbPicture } from './picture.ts';

/**
 * Lines, areas and pictures on a picture: enough for charts, on every machine alike, without fonts and without a browser. Edges
 * are smoothed by how far a pixel's centre lies from them.
 */

/** A colour: red, green, blue, 0 … 255. */
export type Colour = readonly [number, number, number];

/** A place on a picture, pixels from its top left corner; fractions count. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** A picture of one colour. Sides are made even, as JPEG with half-size chroma has them. */
export function blankPicture(width: number, height: number, [red, green, blue]: Colour): RgbPicture {
  const even = (pixels: number): number => Math.ceil(pixels / 2) * 2;
  const made = { width: even(width), height: even(height), data: new Uint8Array(even(width) * even(height) * 3) };
  for (let at = 0; at < made.data.length; at += 3) made.data.set([red, green, blue], at);
  return made;
}

/** Draws a line with round ends. */
export function drawLine(picture: RgbPicture, from: Spot, to: Spot, widthPx: number, colour: Colour): void {
  const reach = widthPx / 2 + 1;
  const length2 = (to.x - from.x) ** 2 + (to.y - from.y) ** 2;
  eachPixel(picture, [from, to], reach, (x, y, at) => {
    const along = length2 === 0 ? 0 : ((x - from.x) * (to.x - from.x) + (y - from.y) * (to.y - from.y)) / length2;
    const share = Math.min(1, Math.max(0, along));
    const distance = Math.hypot(x - from.x - share * (to.x - from.x), y - from.y - share * (to.y - from.y));
    blend(picture, at, colour, Math.min(1, Math.max(0, widthPx / 2 + 0.5 - distance)));
  });
}

/** Draws a closed line through corners and tints what it encloses. */
export function drawArea(
  picture: RgbPicture,
  corners: readonly Spot[],
  colour: Colour,
  { opacity, linePx }: { readonly opacity: number; readonly linePx: number },
): void {
  eachPixel(picture, corners, 1, (x, y, at) => {
    if (isInside(corners, x, y)) blend(picture, at, colour, opacity);
  });
  corners.forEach((corner, index) => {
    drawLine(picture, corner, corners[(index + 1) % corners.length] ?? corner, linePx, colour);
  });
}

/** Fills a box. */
export function drawBox(
  picture: RgbPicture,
  box: { readonly left: number; readonly top: number; readonly width: number; readonly height: number },
  colour: Colour,
): void {
  for (let row = Math.max(0, box.top); row < Math.min(picture.height, box.top + box.height); row++) {
    for (let column = Math.max(0, box.left); column < Math.min(picture.width, box.left + box.width); column++) {
      picture.data.set(colour, (row * picture.width + column) * 3);
    }
  }
}

/** Draws a circle's line. */
export function drawRing(picture: RgbPicture, centre: Spot, radius: number, colour: Colour): void {
  eachPixel(picture, [centre], radius + 2, (x, y, at) => {
    const distance = Math.abs(Math.hypot(x - centre.x, y - centre.y) - radius);
    blend(picture, at, colour, Math.min(1, Math.max(0, 1 - distance)));
  });
}

/** Puts a picture on another, as far as it fits. */
export function drawPicture(onto: RgbPicture, picture: RgbPicture, left: number, top: number): void {
  const width = Math.min(picture.width, onto.width - left);
  for (let row = 0; row < Math.min(picture.height, onto.height - top); row++) {
    const line = picture.data.subarray(row * picture.width * 3, (row * picture.width + width) * 3);
    onto.data.set(line, ((top + row) * onto.width + left) * 3);
  }
}

/** Calls `paint` with the centre of each pixel of the picture near some spots. */
function eachPixel(
  { width, height }: RgbPicture,
  spots: readonly Spot[],
  reach: number,
  paint: (x: number, y: number, at: number) => void,
): void {
  const xs = spots.map(({ x }) => x);
  const ys = spots.map(({ y }) => y);
  for (
    let row = Math.max(0, Math.floor(Math.min(...ys) - reach));
    row < Math.min(height, Math.max(...ys) + reach);
    row++
  ) {
    for (
      let column = Math.max(0, Math.floor(Math.min(...xs) - reach));
      column < Math.min(width, Math.max(...xs) + reach);
      column++
    ) {
      paint(column + 0.5, row + 0.5, (row * width + column) * 3);
    }
  }
}

/** Whether a spot lies inside a closed line: a ray from it crosses an odd number of sides. */
function isInside(corners: readonly Spot[], x: number, y: number): boolean {
  let inside = false;
  corners.forEach((one, index) => {
    const two = corners[(index + 1) % corners.length] ?? one;
    if (one.y > y !== two.y > y && x < one.x + ((two.x - one.x) * (y - one.y)) / (two.y - one.y)) inside = !inside;
  });
  return inside;
}

function blend({ data }: RgbPicture, at: number, colour: Colour, share: number): void {
  if (share <= 0) return;
  for (let channel = 0; channel < 3; channel++) {
    data[at + channel] = Math.round(data[at + channel]! * (1 - share) + (colour[channel] ?? 0) * share);
  }
}
