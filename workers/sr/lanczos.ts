import type { RgbFrames } from '../../media/frame-file.ts';
import { frameToYuv } from '../../media/frames-to-yuv.ts';
import type { Yuv420Frame } from '../../media/segment-encoder.ts';
import { resizePlane } from '../../tensor/resize.ts';
import type { PictureSize } from '../../media/frame-part.ts';

/** Frames that have the size of the film, as they are; where a pixel is missing, by Lanczos. */
export function ofSize(frames: RgbFrames, size: PictureSize): readonly Yuv420Frame[] {
  if (frames.width !== size.width || frames.height !== size.height) return upscaleByLanczos(frames, size);
  const area = 3 * size.width * size.height;
  return Array.from({ length: frames.count }, (_, index) =>
    frameToYuv(frames.data.subarray(index * area, (index + 1) * area), size.width, size.height),
  );
}

/** Upscales without a model: each channel by Lanczos with three lobes, then to the planes of the encoder. */
export function upscaleByLanczos(frames: RgbFrames, { width, height }: PictureSize): readonly Yuv420Frame[] {
  const area = frames.width * frames.height;
  return Array.from({ length: frames.count }, (_, index) => {
    const rgb = new Float32Array(3 * width * height);
    for (let colour = 0; colour < 3; colour++) {
      const first = (index * 3 + colour) * area;
      const data = frames.data.subarray(first, first + area);
      const plane = resizePlane({ width: frames.width, height: frames.height, data }, width, height, 'lanczos');
      rgb.set(
        plane.map((value) => value / 127.5 - 1),
        colour * width * height,
      );
    }
    return frameToYuv(rgb, width, height);
  });
}
