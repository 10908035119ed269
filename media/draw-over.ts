import { layOver, overlayOf, type RgbaPicture } from './blend.ts';
import { mediaFailed } from './ffmpeg.ts';
import { decodeAll } from './read-frames.ts';
import { planesOf } from './rendition.ts';
import { openSegmentEncoder } from './segment-encoder.ts';
import { VideoFile } from './video-file.ts';

/** Pictures over the frames of a segment. */
export interface DrawOverOptions {
  /** Frames that the segment must have. */
  readonly frames: number;
  /** Each over the frames `from … until−1`, of the size of the frames. */
  readonly overlays: readonly { readonly from: number; readonly until: number; readonly picture: RgbaPicture }[];
  /** Called before each frame; throw in it to stop. */
  readonly onFrame: (done: number) => void;
}

/**
 * Draws pictures over the frames of a segment and encodes it again, as segments of its film are encoded: it can take its place by
 * remux. Frames under no picture are encoded again too.
 * @throws PipelineError `MEDIA_FAILED` with the file of a segment that is damaged or of another length; `RESOURCE_DISK`.
 */
export async function drawOver(segment: string, output: string, options: DrawOverOptions): Promise<void> {
  const { frames, overlays, onFrame } = options;
  const layers = overlays.map(({ from, until, picture }) => ({ from, until, overlay: overlayOf(picture) }));
  const video = await VideoFile.open(segment);
  try {
    const { width, height } = video.stream.codecpar;
    const encoder = await openSegmentEncoder({ file: output, width, height, fps: video.fps });
    try {
      let index = 0;
      for await (const planes of decodeAll(video, (frame) => Promise.resolve(planesOf(frame)))) {
        onFrame(index);
        for (const { from, until, overlay } of layers) {
          if (overlay !== null && index >= from && index < until) layOver(planes, width, overlay);
        }
        await encoder.write(planes);
        index += 1;
      }
      if (index !== frames) {
        throw mediaFailed(`${segment} has ${index} frames and ${frames} were planned; make it again`, {
          file: segment,
        });
      }
      await encoder.close();
    } finally {
      await encoder.abort();
    }
  } finally {
    await video.close();
  }
}
