import type { Frame } from 'node-av/lib';
import { mediaFailed } from './ffmpeg.ts';
import { decodeAll } from './read-frames.ts';
import { VideoFile } from './video-file.ts';

/** Takes frames one after the other; either `close` or `abort` ends it, and `abort` after `close` does nothing. */
export interface FrameSink<Made> {
  /** Resolves when the frame is taken. */
  write(frame: Made): Promise<void>;
  /** Writes the file to its end. */
  close(): Promise<unknown>;
  /** Gives the file up. */
  abort(): Promise<void>;
}

/** What becomes of the frames of a segment. */
export interface Recoding<Made> {
  /** Frames that the segment must have. */
  readonly frames: number;
  /** Opens what takes the frames. */
  readonly open: (video: VideoFile) => Promise<FrameSink<Made>>;
  /** Makes of a decoded frame, which it may not keep, what is encoded. */
  readonly make: (frame: Frame, index: number) => Promise<Made>;
}

/**
 * Decodes a segment and encodes what is made of each of its frames; one is in memory.
 * @throws PipelineError `MEDIA_FAILED` with the file of a segment that is damaged or of another length; `RESOURCE_DISK`; what `make` throws.
 */
export async function recode<Made>(segment: string, { frames, open, make }: Recoding<Made>): Promise<void> {
  const video = await VideoFile.open(segment);
  try {
    const encoder = await open(video);
    try {
      let [made, written] = [0, 0];
      for await (const frame of decodeAll(video, (decoded) => make(decoded, made++))) {
        await encoder.write(frame);
        written += 1;
      }
      if (written !== frames) {
        throw mediaFailed(`${segment} has ${written} frames and ${frames} were planned; make it again`, {
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
