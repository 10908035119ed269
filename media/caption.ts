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

/** Dots between the rows of two lines. */
const leading = 3;
/** Stands for what did not fit. */
const ellipsis = '...';

/** Height of a caption of some lines, pixels. */
export function captionHeight(scale: number, numLines = 1): number {
  return (numLines * (glyphRows + leading) - leading) * scale;
}

/**
 * Breaks a caption between words into lines that fit a width. A word that is longer than a line is broken itself; what
 * `maxLines` have no room for ends in an ellipsis.
 * @param scale - Side of one dot, pixels.
 * @param maxWidth - Pixels; at least wide enough for four signs.
 */
export function captionLines(text: string, scale: number, maxWidth: number, maxLines: number): readonly string[] {
  const fits = Math.floor((maxWidth + scale) / (advance * scale));
  const lines: string[] = [];
  let line: string | null = null;
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    for (const piece of piecesOf(word, fits)) {
      if (line === null) line = piece;
      else if (numSigns(line) + 1 + numSigns(piece) <= fits) line = `${line} ${piece}`;
      else {
        lines.push(line);
        line = piece;
      }
    }
  }
  if (line !== null) lines.push(line);
  if (lines.length <= maxLines) return lines;
  const kept = lines.slice(0, maxLines);
  const last = Array.from(kept.at(-1) ?? '').slice(0, fits - ellipsis.length);
  return [...kept.slice(0, -1), `${last.join('').trimEnd()}${ellipsis}`];
}

function piecesOf(word: string, most: number): string[] {
  const signs = Array.from(word);
  return Array.from({ length: Math.ceil(signs.length / most) }, (_, n) =>
    signs.slice(n * most, (n + 1) * most).join(''),
  );
}

const numSigns = (text: string): number => Array.from(text).length;

/**
 * Draws the lines of a caption into a picture, under each other.
 * @param at - Top left corner, pixels; the caption must lie inside the picture.
 * @param scale - Side of one dot, pixels.
 * @param colour - Red, green, blue.
 */
export function drawCaption(
  picture: RgbPicture,
  lines: readonly string[],
  at: { readonly x: number; readonly y: number },
  scale: number,
  colour: readonly [number, number, number],
): void {
  lines.forEach((line, index) => {
    const top = at.y + index * (glyphRows + leading) * scale;
    Array.from(line.toUpperCase()).forEach((sign, position) => {
      const rows = Object.hasOwn(glyphs, sign) ? glyphs[sign]! : unknown;
      const left = at.x + position * advance * scale;
      rows.forEach((bits, row) => {
        for (let column = 0; column < 5; column += 1) {
          if (((bits >> (4 - column)) & 1) === 1)
            fillDot(picture, left + column * scale, top + row * scale, scale, colour);
        }
      });
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
