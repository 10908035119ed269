import type { FilmSize } from './upscale.ts';

/** A part of a picture, pixels. */
export interface FrameCrop {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** The largest part of a picture with the film's shape, from its middle; sides are even where the picture has them so. */
export function cropToShape({ width, height }: FilmSize, film: FilmSize): FrameCrop {
  const even = (side: number, most: number): number => Math.min(most, Math.max(2, 2 * Math.round(side / 2)));
  const wide = width * film.height > height * film.width;
  const size = wide
    ? { width: even((height * film.width) / film.height, width), height }
    : { width, height: even((width * film.height) / film.width, height) };
  const left = Math.floor((width - size.width) / 2);
  return { left, top: Math.floor((height - size.height) / 2), ...size };
}

/** That part of frames `[count, 3, H, W]`, bytes as numbers in −1 … 1, as a clip `[3, count, h, w]`. */
export function cropClip(
  frames: { readonly count: number; readonly width: number; readonly height: number; readonly data: Uint8Array },
  crop: FrameCrop,
): Float32Array {
  const { left, top, width, height } = crop;
  const clip = new Float32Array(3 * frames.count * height * width);
  let place = 0;
  for (let colour = 0; colour < 3; colour++) {
    for (let frame = 0; frame < frames.count; frame++) {
      for (let row = 0; row < height; row++) {
        const from = ((frame * 3 + colour) * frames.height + top + row) * frames.width + left;
        for (let column = 0; column < width; column++) clip[place++] = (frames.data[from + column] ?? 0) / 127.5 - 1;
      }
    }
  }
  return clip;
}
