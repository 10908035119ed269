import type { Yuv420Frame } from './segment-encoder.ts';

/**
 * The planes of a decoder to RGB: the inverse of `frames-to-yuv.ts`, ITU-R BT.709-6, 8 bits, limited range, chroma sited at the centre of
 * 2×2 pixels and taken linearly between them. Whole numbers alone, so the bytes are the same on any machine.
 *
 * Notation: Y' = (y − 16) · 255 / 219; R = Y' + 1.5748 · 255 / 224 · (v − 128); B = Y' + 1.8556 · 255 / 224 · (u − 128);
 * G = Y' − (0.0722 · 1.8556 · Cb + 0.2126 · 1.5748 · Cr) / 0.7152. Factors are in 1/65536; chroma is summed in 1/16.
 */
const luma = Math.round((65536 * 255) / 219);
const chroma = (factor: number): number => Math.round((65536 / 16) * (255 / 224) * factor);
const redOfV = chroma(1.5748);
const blueOfU = chroma(1.8556);
const greenOfU = chroma((0.0722 * 1.8556) / 0.7152);
const greenOfV = chroma((0.2126 * 1.5748) / 0.7152);

/**
 * Converts a picture.
 * @param rgb Where its planes go, `[3, height, width]`.
 */
export function yuvToFrame({ y, u, v }: Yuv420Frame, width: number, height: number, rgb: Uint8Array): void {
  const plane = width * height;
  const [columns, rows] = [width / 2, height / 2];
  for (let row = 0; row < height; row += 1) {
    // The chroma row of the pixel counts three times, its neighbour above or below once.
    const near = (row >> 1) * columns;
    const other = Math.min(rows - 1, Math.max(0, (row >> 1) + ((row & 1) === 0 ? -1 : 1))) * columns;
    for (let column = 0; column < width; column += 1) {
      const at = column >> 1;
      const beside = Math.min(columns - 1, Math.max(0, at + ((column & 1) === 0 ? -1 : 1)));
      const blue = 9 * u[near + at]! + 3 * (u[near + beside]! + u[other + at]!) + u[other + beside]! - 2048;
      const red = 9 * v[near + at]! + 3 * (v[near + beside]! + v[other + at]!) + v[other + beside]! - 2048;
      const pixel = row * width + column;
      const light = luma * (y[pixel]! - 16) + 32768;
      rgb[pixel] = clamped((light + redOfV * red) >> 16);
      rgb[plane + pixel] = clamped((light - greenOfU * blue - greenOfV * red) >> 16);
      rgb[2 * plane + pixel] = clamped((light + blueOfU * blue) >> 16);
    }
  }
}

const clamped = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);
