import { layOver, overlayOf, type RgbaPicture } from './blend.ts';
import { recode } from './recode.ts';
import { planesOf } from './rendition.ts';
import { openSegmentEncoder } from './segment-encoder.ts';

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
  await recode(segment, {
    frames,
    open: ({ stream, fps }) => {
      const { width, height } = stream.codecpar;
      return openSegmentEncoder({ file: output, width, height, fps });
    },
    make: (frame, index) => {
      const planes = planesOf(frame);
      onFrame(index);
      for (const { from, until, overlay } of layers) {
        if (overlay !== null && index >= from && index < until) layOver(planes, frame.width, overlay);
      }
      return Promise.resolve(planes);
    },
  });
}
