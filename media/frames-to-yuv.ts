import type { Yuv420Frame } from './segment-encoder.ts';

/**
 * RGB to the planes of an encoder: ITU-R BT.709-6, sections 3.2 to 3.4, 8 bits, limited range; chroma is the mean of 2×2
 * pixels (sited at their centre, as the segment encoder tags it).
 *
 * Notation: R, G, B in 0…1; Y = 0.2126 R + 0.7152 G + 0.0722 B; Cb = (B − Y) / 1.8556; Cr = (R − Y) / 1.5748;
 * codes 16 + 219 Y and 128 + 224 C, rounded to the nearest.
 */
const kr = 0.2126;
const kb = 0.0722;
const kg = 1 - kr - kb;

/**
 * Converts one planar picture.
 * @param rgb - `[3, height, width]`: bytes 0…255, or floats −1…1 (clamped).
 * @param width - Even.
 * @param height - Even.
 */
export function frameToYuv(rgb: Uint8Array | Float32Array, width: number, height: number): Yuv420Frame {
  const plane = width * height;
  if (rgb.length !== 3 * plane || width % 2 !== 0 || height % 2 !== 0) {
    throw new RangeError(
      `${String(rgb.length)} values are no planar RGB picture of even size ${String(width)}x${String(height)}`,
    );
  }
  const [scale, shift] = rgb instanceof Float32Array ? [0.5, 0.5] : [1 / 255, 0];
  const unit = (index: number): number => Math.min(1, Math.max(0, rgb[index]! * scale + shift));
  const y = new Uint8Array(plane);
  const u = new Uint8Array(plane / 4);
  const v = new Uint8Array(plane / 4);
  for (let row = 0; row < height; row += 2) {
    for (let column = 0; column < width; column += 2) {
      let blueDifference = 0;
      let redDifference = 0;
      for (let corner = 0; corner < 4; corner += 1) {
        const pixel = (row + (corner >> 1)) * width + column + (corner & 1);
        const red = unit(pixel);
        const blue = unit(2 * plane + pixel);
        const luma = kr * red + kg * unit(plane + pixel) + kb * blue;
        y[pixel] = 16.5 + 219 * luma;
        blueDifference += blue - luma;
        redDifference += red - luma;
      }
      const chroma = ((row / 2) * width) / 2 + column / 2;
      u[chroma] = 128.5 + (224 / 4) * (blueDifference / (2 - 2 * kb));
      v[chroma] = 128.5 + (224 / 4) * (redDifference / (2 - 2 * kr));
    }
  }
  return { y, u, v };
}
