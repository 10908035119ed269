import { join } from 'node:path';
import { filmFrames } from '../media/film-frames.ts';
import { FrameFile } from '../media/frame-file.ts';
import { frameToYuv } from '../media/frames-to-yuv.ts';
import { encodeImage } from '../media/picture.ts';
import type { RgbPicture } from '../media/picture.ts';
import { openSegmentEncoder } from '../media/segment-encoder.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { PictureSource } from './picture-source.ts';

/** As wide as a card on a page is on a screen of high density. */
const posterWidth = 640;

/** Small enough to be there at once on a slow line; a segment of the film has a factor of 18. */
const previewSettings = { preset: 'veryfast', crf: 24, bFrames: 2, threads: 1 } as const;

/** The middle frame of an item as a JPEG. @throws PipelineError `ARTIFACT_CORRUPT`, `MEDIA_FAILED`. */
export async function drawPoster(file: string, source: PictureSource): Promise<Buffer> {
  if (source.kind === 'segment') {
    for await (const picture of filmFrames(file, [0], { maxWidth: posterWidth })) return encodeImage(picture, 'jpeg');
    throw new PipelineError('MEDIA_FAILED', `The segment ${source.key} has no first frame; make it again`);
  }
  const clip = await FrameFile.open(file);
  try {
    const shown = Math.min(clip.numFrames, source.frames ?? clip.numFrames);
    const { width, height, data } = await clip.read(Math.floor(shown / 2), 1);
    return await encodeImage(packed({ width, height, data }), 'jpeg');
  } finally {
    await clip.close();
  }
}

/** The frames of an item as a small MP4 in `dir`; returns its path. @throws PipelineError `ARTIFACT_CORRUPT`, `MEDIA_FAILED`. */
export async function drawPreview(file: string, source: PictureSource, dir: string): Promise<string> {
  const clip = await FrameFile.open(file);
  try {
    const { width, height } = clip;
    const output = join(dir, 'preview.mp4');
    const encoder = await openSegmentEncoder({
      file: output,
      width,
      height,
      fps: source.fps,
      settings: previewSettings,
    });
    try {
      const shown = Math.min(clip.numFrames, source.frames ?? clip.numFrames);
      for (let frame = 0; frame < shown; frame++) {
        const { data } = await clip.read(frame, 1);
        await encoder.write(frameToYuv(data, width, height));
      }
      await encoder.close();
    } finally {
      await encoder.abort();
    }
    return output;
  } finally {
    await clip.close();
  }
}

/** Planes of red, green and blue as rows of pixels. */
function packed({ width, height, data }: RgbPicture): RgbPicture {
  const area = width * height;
  const rows = new Uint8Array(3 * area);
  for (let pixel = 0; pixel < area; pixel++)
    for (let colour = 0; colour < 3; colour++) rows[3 * pixel + colour] = data[colour * area + pixel] ?? 0;
  return { width, height, data: rows };
}
