import { swapsSides } from '../media/footage/normal-picture.ts';
import type { FootageHeader } from '../media/footage/footage-header.ts';
import type { PictureSize } from '../media/frame-part.ts';
import { hasShape } from '../story/plan/framing.ts';

/** Sides and pixels of what is decoded at all. */
export const clipLimits = { side: 16_384, pixels: 67_108_864, leastSide: 16 } as const;

/** The film that a clip is made ready for. */
export interface ClipTarget extends PictureSize {
  /** Bars beside it; else it fills the film. */
  readonly pads: boolean;
}

/** Upright size of a video, with square pixels; no detail is lost to them. */
export function uprightSize({ width, height, pixelAspect, turn }: FootageHeader): PictureSize {
  const square =
    pixelAspect >= 1
      ? { width: Math.round(width * pixelAspect), height }
      : { width, height: Math.round(height / pixelAspect) };
  return swapsSides(turn) ? { width: square.height, height: square.width } : square;
}

/**
 * The size in which a clip is stored: its own, and where that is more than the film shows, as much as that. It is never enlarged. Even
 * sides; what is not scaled loses an odd column or row.
 */
export function storedSize({ width, height }: PictureSize, film: ClipTarget): PictureSize {
  const [byWidth, byHeight] = [film.width / width, film.height / height];
  const scale = film.pads ? Math.min(byWidth, byHeight) : Math.max(byWidth, byHeight);
  const even = (side: number): number => Math.max(clipLimits.leastSide, 2 * Math.round(side / 2));
  if (scale >= 1) return { width: width - (width % 2), height: height - (height % 2) };
  if (hasShape({ width, height }, film)) return { width: even(film.width), height: even(film.height) };
  return scale === byWidth
    ? { width: even(film.width), height: even(height * scale) }
    : { width: even(width * scale), height: even(film.height) };
}
