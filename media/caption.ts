import type { RgbPicture } from './picture.ts';

/**
 * Short captions in a bitmap alphabet of our own, so that a storyboard looks the same on every machine, with or without
 * fonts. Small letters are drawn as capitals.
 */

/** Seven rows per sign, top to bottom; five bits per row, the left pixel is bit 4. */
const glyphs: Readonly<Record<string, readonly number[]>> = {
  A: [14, 17, 17, 31, 17, 17, 17],
  B: [30, 17, 17, 30, 17, 17, 30],
  C: [14, 17, 16, 16, 16, 17, 14],
  D: [30, 17, 17, 17, 17, 17, 30],
  E: [31, 16, 16, 30, 16, 16, 31],
  F: [31, 16, 16, 30, 16, 16, 16],
  G: [14, 17, 16, 23, 17, 17, 14],
  H: [17, 17, 17, 31, 17, 17, 17],
  I: [14, 4, 4, 4, 4, 4, 14],
  J: [7, 2, 2, 2, 2, 18, 12],
  K: [17, 18, 20, 24, 20, 18, 17],
  L: [16, 16, 16, 16, 16, 16, 31],
  M: [17, 27, 21, 21, 17, 17, 17],
  N: [17, 25, 21, 19, 17, 17, 17],
  O: [14, 17, 17, 17, 17, 17, 14],
  P: [30, 17, 17, 30, 16, 16, 16],
  Q: [14, 17, 17, 17, 21, 18, 13],
  R: [30, 17, 17, 30, 20, 18, 17],
  S: [15, 16, 16, 14, 1, 1, 30],
  T: [31, 4, 4, 4, 4, 4, 4],
  U: [17, 17, 17, 17, 17, 17, 14],
  V: [17, 17, 17, 17, 17, 10, 4],
  W: [17, 17, 17, 21, 21, 27, 17],
  X: [17, 17, 10, 4, 10, 17, 17],
  Y: [17, 17, 10, 4, 4, 4, 4],
  Z: [31, 1, 2, 4, 8, 16, 31],
  0: [14, 17, 19, 21, 25, 17, 14],
  1: [4, 12, 4, 4, 4, 4, 14],
  2: [14, 17, 1, 6, 8, 16, 31],
  3: [30, 1, 1, 14, 1, 1, 30],
  4: [2, 6, 10, 18, 31, 2, 2],
  5: [31, 16, 30, 1, 1, 17, 14],
  6: [6, 8, 16, 30, 17, 17, 14],
  7: [31, 1, 2, 4, 8, 8, 8],
  8: [14, 17, 17, 14, 17, 17, 14],
  9: [14, 17, 17, 15, 1, 2, 12],
  ' ': [0, 0, 0, 0, 0, 0, 0],
  '-': [0, 0, 0, 14, 0, 0, 0],
  '+': [0, 4, 4, 31, 4, 4, 0],
  _: [0, 0, 0, 0, 0, 0, 31],
  '.': [0, 0, 0, 0, 0, 12, 12],
  ',': [0, 0, 0, 0, 12, 4, 8],
  ':': [0, 12, 12, 0, 12, 12, 0],
  '/': [1, 1, 2, 4, 8, 16, 16],
  "'": [4, 4, 8, 0, 0, 0, 0],
  '(': [2, 4, 8, 8, 8, 4, 2],
  ')': [8, 4, 2, 2, 2, 4, 8],
  '!': [4, 4, 4, 4, 4, 0, 4],
  '?': [14, 17, 1, 2, 4, 0, 4],
};
/** A box, for signs that the alphabet lacks. */
const unknown = [31, 17, 17, 17, 17, 17, 31];
const glyphRows = 7;
const advance = 6;

/** Height of a caption in pixels. */
export function captionHeight(scale: number): number {
  return glyphRows * scale;
}

/**
 * Draws a caption into a picture, cut at `maxWidth`.
 * @param at - Top left corner, pixels; the caption must lie inside the picture's height.
 * @param scale - Side of one dot, pixels.
 * @param colour - Red, green, blue.
 */
export function drawCaption(
  picture: RgbPicture,
  text: string,
  at: { readonly x: number; readonly y: number; readonly maxWidth: number },
  scale: number,
  colour: readonly [number, number, number],
): void {
  const fits = Math.max(0, Math.floor((at.maxWidth + scale) / (advance * scale)));
  Array.from(text.toUpperCase())
    .slice(0, fits)
    .forEach((sign, position) => {
      const rows = Object.hasOwn(glyphs, sign) ? glyphs[sign]! : unknown;
      const left = at.x + position * advance * scale;
      rows.forEach((bits, row) => {
        for (let column = 0; column < 5; column += 1) {
          if (((bits >> (4 - column)) & 1) === 1)
            fillDot(picture, left + column * scale, at.y + row * scale, scale, colour);
        }
      });
    });
}

function fillDot(
  picture: RgbPicture,
  x: number,
  y: number,
  scale: number,
  colour: readonly [number, number, number],
): void {
  for (let row = y; row < y + scale; row += 1) {
    for (let column = x; column < x + scale; column += 1) picture.data.set(colour, (row * picture.width + column) * 3);
  }
}
