import type { RgbFrames } from '../../media/frame-file.ts';
import type { RgbPicture } from '../../media/picture.ts';

/** Packed pictures of one size as frames in planes. */
export function planarFrames(pictures: readonly RgbPicture[]): RgbFrames {
  const { width, height } = pictures[0] ?? { width: 0, height: 0 };
  const size = width * height;
  const data = new Uint8Array(pictures.length * 3 * size);
  for (const [frame, picture] of pictures.entries()) {
    for (let at = 0; at < 3 * size; at++)
      data[(frame * 3 + (at % 3)) * size + Math.floor(at / 3)] = picture.data[at] ?? 0;
  }
  return { count: pictures.length, width, height, data };
}
