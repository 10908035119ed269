import { towardsBlack } from './blend.ts';
import { mediaFailed } from './ffmpeg.ts';
import { planesOf } from './rendition.ts';
import { decodeAll } from './read-frames.ts';
import { openSegmentEncoder } from './segment-encoder.ts';
import type { Yuv420Frame } from './segment-encoder.ts';
import { VideoFile } from './video-file.ts';
import { wipeShares } from './wipe.ts';
import type { WipeWay } from './wipe.ts';

/** How two films go over into each other. */
export type PictureMix =
  | { readonly kind: 'dissolve' }
  /** To black, or from black. */
  | { readonly kind: 'fade'; readonly side: 'before' | 'after' }
  | { readonly kind: 'wipe'; readonly direction: WipeWay };

/** What a mixed segment is. */
export interface MixOptions {
  readonly mix: PictureMix;
  /** Frames of the whole way, and which of them the segment begins with. */
  readonly frames: number;
  readonly from: number;
  readonly count: number;
  /** Called before each frame; throw in it to stop. */
  readonly onFrame: (done: number) => void;
}

/**
 * Mixes the pictures of two segments, or darkens those of one, and encodes them as segments of their film are encoded. One frame of each
 * is held. Frame `k` of a way of `n` is `(k + 1) / (n + 1)` of it, so no end repeats a frame of its neighbour.
 * @throws PipelineError `MEDIA_FAILED` with the file of a segment that is damaged or of another length; `RESOURCE_DISK`.
 */
export async function mixSegments(files: readonly string[], output: string, options: MixOptions): Promise<void> {
  const videos: VideoFile[] = [];
  try {
    for (const file of files) videos.push(await VideoFile.open(file));
    const [first] = videos;
    if (first === undefined) throw mediaFailed('A join came without the segments that it mixes', {});
    const { width, height } = first.stream.codecpar;
    const readers = videos.map((video) => decodeAll(video, (frame) => Promise.resolve(planesOf(frame))));
    const encoder = await openSegmentEncoder({ file: output, width, height, fps: first.fps });
    try {
      for (let index = 0; index < options.count; index += 1) {
        options.onFrame(index);
        const pictures: Yuv420Frame[] = [];
        for (const [side, reader] of readers.entries()) {
          const { value, done } = (await reader.next()) as IteratorResult<Yuv420Frame, undefined>;
          if (done !== true) {
            pictures.push(value);
            continue;
          }
          const file = files[side] ?? '';
          throw mediaFailed(`${file} has ${index} frames and ${options.count} were planned; make it again`, { file });
        }
        await encoder.write(mixed(pictures, width, options.from + index, options));
      }
      await encoder.close();
    } finally {
      await encoder.abort();
      for (const reader of readers) await reader.return(undefined);
    }
  } finally {
    for (const video of videos) await video.close();
  }
}

/** The picture of a place on the way; `pictures` are those of both sides, or of the one that fades. */
export function mixed(
  [a, b]: readonly Yuv420Frame[],
  width: number,
  place: number,
  { mix, frames }: Pick<MixOptions, 'mix' | 'frames'>,
): Yuv420Frame {
  if (a === undefined) throw mediaFailed('A join has no picture to mix', {});
  if (mix.kind === 'fade') {
    // The last frame of the one and the first of the other are black.
    return towardsBlack(a, (mix.side === 'before' ? frames - 1 - place : place) / frames);
  }
  if (b?.y.length !== a.y.length) throw mediaFailed('A join mixes pictures of one size', {});
  const height = a.y.length / width;
  const share = (place + 1) / (frames + 1);
  const planes = (['y', 'u', 'v'] as const).map((name): Uint8Array => {
    const scale = name === 'y' ? 1 : 2;
    const size = { width: width / scale, height: height / scale };
    const shareAt = mix.kind === 'dissolve' ? null : wipeShares(size, mix.direction, share);
    return mixedPlane(a[name], b[name], size.width, shareAt ?? (() => Math.round(256 * share)));
  });
  return { y: planes[0]!, u: planes[1]!, v: planes[2]! };
}

/** Whole numbers: the same bytes on any machine. */
function mixedPlane(
  a: Uint8Array,
  b: Uint8Array,
  width: number,
  shareAt: (column: number, row: number) => number,
): Uint8Array {
  const plane = new Uint8Array(a.length);
  for (let row = 0; row * width < a.length; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const at = row * width + column;
      const share = shareAt(column, row);
      plane[at] = (a[at]! * (256 - share) + b[at]! * share + 128) >> 8;
    }
  }
  return plane;
}
