import { AV_PIX_FMT_YUV420P, FF_ENCODER_LIBX264 } from 'node-av/constants';
import type { Frame } from 'node-av/lib';

import { PipelineError } from '../errors/pipeline-error.ts';
import { checked, mediaFailed } from './ffmpeg.ts';
import { blankVideoFrame, type EncoderChoice, openVideoEncoder } from './video-encoder.ts';

/**
 * One closed GOP of H.264 in an MP4: what a segment artifact is.
 *
 * V1  The first frame is the only IDR, and B-frames never look past the end, so segments may stand in any order.
 * V2  Parameter sets depend on (width, height, fps) and the settings below alone, never on content or length: any two
 *     segments of a film can be joined by remux.
 * V3  Same frames, same bytes, on any machine: threads are a fixed number, x264 keeps to algorithms that do not depend on
 *     the processor, and the MP4 holds no date and no library version.
 * V4  One frame is in flight; `write` resolves when the encoder has taken it, and callers wait for it.
 */

/** Planes of one 8-bit 4:2:0 picture, BT.709 limited range, rows packed without padding. */
export interface Yuv420Frame {
  /** `height × width`. */
  readonly y: Uint8Array;
  /** `height/2 × width/2`. */
  readonly u: Uint8Array;
  /** `height/2 × width/2`. */
  readonly v: Uint8Array;
}

/** Settings that decide the bytes; a change of the defaults needs a new `stageVersion` of the segment stage. */
export interface EncoderSettings {
  readonly preset: 'ultrafast' | 'superfast' | 'veryfast' | 'faster' | 'fast' | 'medium';
  /** Constant rate factor of x264, 0 (lossless) … 51. */
  readonly crf: number;
  readonly bFrames: number;
  /** Frames that x264 codes at once. Part of the bytes, hence not taken from the machine. */
  readonly threads: number;
}

/** `superfast` is the fastest preset with CABAC, 8×8 transforms and deblocking; `bench/encode.ts` compares its cost with the others. */
export const defaultEncoderSettings: EncoderSettings = { preset: 'superfast', crf: 18, bFrames: 2, threads: 3 };

/** What x264 is told beside preset and quality, so that segments stand in any order and come out alike on every machine. */
export const x264Params = [
  // One GOP: no limit on its length and no further intra pictures.
  'keyint=infinite:min-keyint=1:scenecut=0:open-gop=0',
  // Without a pyramid one frame of delay is always enough.
  'b-pyramid=none',
  'cpu-independent=1',
  // A short lookahead with macroblock trees costs no more than none and saves most of the bits spent on noise. A 4K frame
  // inside x264 takes about 50 MB, hence no further frames waiting for it.
  'rc-lookahead=5:mbtree=1:sync-lookahead=0',
].join(':');

/** Where a segment goes and what its frames are. */
export interface SegmentEncoderOptions {
  /** MP4 file to write; an old file is replaced. */
  readonly file: string;
  /** Pixels, even. */
  readonly width: number;
  /** Pixels, even. */
  readonly height: number;
  /** Frames per second. */
  readonly fps: number;
  readonly settings?: EncoderSettings;
}

/** An open segment. Calls must not overlap; end it with `close`, or with `abort` after a failure. */
export interface SegmentEncoder {
  /** Encodes the next frame. The planes may be reused once the promise resolves. @throws PipelineError `MEDIA_FAILED`, `RESOURCE_DISK`. */
  write(frame: Yuv420Frame): Promise<void>;
  /** Drains the encoder and finishes the file. @throws PipelineError `MEDIA_FAILED` when it holds no frame, `RESOURCE_DISK`. */
  close(): Promise<{ readonly frames: number; readonly bytes: number }>;
  /** Frees everything and leaves an unfinished file behind. Harmless after `close`. */
  abort(): Promise<void>;
}

/**
 * Opens a segment. @throws PipelineError `MEDIA_FAILED` for an impossible size or rate, `RESOURCE_DISK`.
 *
 * @example
 * ```ts
 * import { openSegmentEncoder } from './segment-encoder.ts';
 * import type { Yuv420Frame } from './segment-encoder.ts';
 *
 * async function encode(file: string, frames: Iterable<Yuv420Frame>): Promise<number> {
 *   const encoder = await openSegmentEncoder({ file, width: 3840, height: 2160, fps: 24 });
 *   try {
 *     for (const frame of frames) await encoder.write(frame);
 *     return (await encoder.close()).bytes;
 *   } finally {
 *     await encoder.abort();
 *   }
 * }
 * ```
 */
export async function openSegmentEncoder(options: SegmentEncoderOptions): Promise<SegmentEncoder> {
  checkFormat(options);
  const { file, settings = defaultEncoderSettings } = options;
  const encoder = await openVideoEncoder({ ...options, choice: x264Choice(settings) });
  const frame = blankVideoFrame({ ...options, pixelFormat: AV_PIX_FMT_YUV420P }, file);
  let open = true;
  const release = (): void => {
    if (open) frame.free();
    open = false;
  };
  return {
    async write(planes) {
      if (!open) throw new PipelineError('INTERNAL', 'The segment encoder was used after close or abort');
      checked(frame.makeWritable(), { doing: 'taking a frame', file });
      copyPlanes(planes, frame, options);
      await encoder.write(frame);
    },
    async close() {
      const written = await encoder.close();
      release();
      return written;
    },
    async abort() {
      await encoder.abort();
      release();
    },
  };
}

/** How FFmpeg is asked for a segment. */
export function x264Choice({ preset, crf, bFrames, threads }: EncoderSettings): EncoderChoice {
  return {
    name: FF_ENCODER_LIBX264,
    pixelFormat: AV_PIX_FMT_YUV420P,
    options: { preset, crf: String(crf), profile: 'high', 'x264-params': x264Params },
    bFrames,
    threads,
    delay: bFrames > 0 ? 1 : 0,
    container: 'mp4',
  };
}

/** Copies packed planes into FFmpeg's padded rows. */
export function copyPlanes(
  planes: Yuv420Frame,
  frame: Frame,
  { width, height, file }: Pick<SegmentEncoderOptions, 'width' | 'height' | 'file'>,
): void {
  const targets = frame.data;
  if (targets === null) throw mediaFailed(`A frame of ${file} has no memory`, { file });
  [planes.y, planes.u, planes.v].forEach((plane, index) => {
    const rowBytes = index === 0 ? width : width / 2;
    const rows = index === 0 ? height : height / 2;
    const target = targets[index]!;
    const stride = frame.linesize[index]!;
    if (plane.length !== rowBytes * rows) {
      const name = 'yuv'.charAt(index);
      throw mediaFailed(
        `Plane ${name} of a frame for ${file} has ${String(plane.length)} bytes; ${String(width)}x${String(height)} needs ${String(rowBytes * rows)}`,
        { file, plane: name, bytes: plane.length },
      );
    }
    if (stride === rowBytes) {
      target.set(plane);
      return;
    }
    for (let row = 0; row < rows; row += 1)
      target.set(plane.subarray(row * rowBytes, (row + 1) * rowBytes), row * stride);
  });
}

function checkFormat({ width, height, fps, file }: SegmentEncoderOptions): void {
  const even = (pixels: number): boolean =>
    Number.isInteger(pixels) && pixels % 2 === 0 && pixels >= 16 && pixels <= 8192;
  if (!even(width) || !even(height) || !(fps >= 1 && fps <= 240)) {
    throw mediaFailed(
      `${file} cannot be ${String(width)}x${String(height)} at ${String(fps)} fps; sides are even, 16 to 8192 pixels, and fps is 1 to 240`,
      { file, width, height, fps },
    );
  }
}
