import { stat } from 'node:fs/promises';

import { mediaFailed } from './ffmpeg.ts';
import { isFastStart, listMp4Boxes } from './mp4-boxes.ts';
import { Mp4Writer, type SideTrack } from './mp4-writer.ts';
import { isEntry, videoCodecs } from './video-codecs.ts';
import { VideoFile } from './video-file.ts';

/** Which segments make which film. */
export interface StitchOptions {
  /** Segment files in film order; all of one format. */
  readonly segments: readonly string[];
  /** Film file to write; an old one is replaced. */
  readonly output: string;
  /** Frames that the plan gives the film. */
  readonly expectedFrames: number;
  /** In fragments, one for each segment, which players of streams fetch alone (CMAF); absent: in one piece. */
  readonly fragments?: boolean;
  /** What runs beside the pictures; whoever opened it closes it. */
  readonly tracks?: readonly SideTrack[];
  /** Called before each segment; throw in it to stop. */
  readonly onSegment?: (done: number, of: number) => void;
}

/**
 * Joins segments into one fast-start MP4 without touching a picture: packets are copied and stamped anew, frame `n` at
 * exactly `n / fps`. A failed call leaves an unfinished `output` behind.
 * @throws PipelineError `MEDIA_FAILED` when segments differ in format, are damaged, or do not add up to `expectedFrames`;
 * `RESOURCE_DISK`.
 */
export async function remuxSegments(
  options: StitchOptions,
): Promise<{ readonly frames: number; readonly bytes: number }> {
  const { segments, output, expectedFrames } = options;
  const [firstFile] = segments;
  if (firstFile === undefined) throw mediaFailed(`${output} has no segments; a film needs at least one`, { output });
  const first = await VideoFile.open(firstFile);
  try {
    const writer = await Mp4Writer.open(output, first.fps, (parameters) => first.stream.codecpar.copy(parameters), {
      // An edit list takes back the delay of decoding, so that pictures begin with the sound.
      flags: options.fragments === true ? '+cmaf+frag_keyframe+delay_moov' : '+faststart',
      container: videoCodecs[first.codec].container,
      ...(options.tracks === undefined ? {} : { tracks: options.tracks }),
    });
    try {
      const film = new Film(writer);
      for (const [index, file] of segments.entries()) {
        options.onSegment?.(index, segments.length);
        await film.append(file, first);
      }
      const frames = writer.numPackets;
      if (frames !== expectedFrames) {
        throw mediaFailed(
          `The segments of ${output} hold ${String(frames)} frames and the plan has ${String(expectedFrames)}`,
          {
            output,
            frames,
            expectedFrames,
          },
        );
      }
      await writer.finish();
    } finally {
      await writer.abort();
    }
  } finally {
    await first.close();
  }
  if (options.fragments !== true && !isFastStart(await listMp4Boxes(output)))
    throw mediaFailed(`${output} does not begin with its index`, { output });
  return { frames: expectedFrames, bytes: (await stat(output)).size };
}

/** The film as it grows. */
class Film {
  readonly #writer: Mp4Writer;
  /** Reordering delay of the first segment, frames; all others must have the same. */
  #delay: number | null = null;

  constructor(writer: Mp4Writer) {
    this.#writer = writer;
  }

  async append(file: string, first: VideoFile): Promise<void> {
    const segment = await VideoFile.open(file);
    try {
      assertSameFormat(segment, first);
      const firstFrame = this.#writer.numPackets;
      const shown = new Set<number>();
      for await (const { packet, shownAt, decodedAt } of segment.pictures()) {
        // A closed GOP of one IDR: then it can follow any other segment, and players can enter at it.
        if (isEntry(segment.codec, packet) !== (shown.size === 0 || videoCodecs[segment.codec].isIntra)) {
          throw mediaFailed(
            `Picture ${String(shown.size)} of ${file} is damaged or its GOP is not one closed GOP; make it again`,
            { file },
          );
        }
        if (shown.size === 0) this.#delay ??= -decodedAt;
        if (decodedAt !== shown.size - (this.#delay ?? 0)) {
          throw mediaFailed(
            `Picture ${String(shown.size)} of ${file} is decoded at frame ${String(decodedAt)}; segments of this film reorder with a delay of ${String(this.#delay)}`,
            { file, picture: shown.size, decodedAt },
          );
        }
        shown.add(shownAt);
        await this.#writer.write(packet, firstFrame + shownAt, this.#delay ?? 0);
      }
      // Distinct, none missing: frames 0 … n−1 in some order.
      const whole =
        shown.size > 0 &&
        shown.size === segment.numFrames &&
        Math.min(...shown) === 0 &&
        Math.max(...shown) === shown.size - 1;
      if (!whole || this.#writer.numPackets - firstFrame !== shown.size) {
        throw mediaFailed(
          `${file} lists ${String(segment.numFrames)} frames and shows ${String(shown.size)}; make it again`,
          {
            file,
            listed: segment.numFrames,
            shown: shown.size,
          },
        );
      }
    } finally {
      await segment.close();
    }
  }
}

/** Remux is legal only when the parameter sets are the same bytes. */
function assertSameFormat(segment: VideoFile, first: VideoFile): void {
  const describe = (video: VideoFile): string =>
    `${video.codec} ${String(video.stream.codecpar.width)}x${String(video.stream.codecpar.height)} at ${String(video.fps)} fps`;
  const same =
    describe(segment) === describe(first) &&
    Buffer.compare(
      segment.stream.codecpar.extradata ?? Buffer.alloc(0),
      first.stream.codecpar.extradata ?? Buffer.alloc(0),
    ) === 0;
  if (!same) {
    throw mediaFailed(
      `${segment.file} (${describe(segment)}) has other parameter sets than ${first.file} (${describe(first)}); segments of a film are encoded alike`,
      { file: segment.file, first: first.file },
    );
  }
}
