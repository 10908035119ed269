import { stat } from 'node:fs/promises';

import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_YUV420P,
  AVCHROMA_LOC_CENTER,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  FF_ENCODER_LIBX264,
} from 'node-av/constants';
import { Codec, CodecContext, Dictionary, Frame, Packet, Rational } from 'node-av/lib';

import { PipelineError } from '../errors/pipeline-error.ts';
import { checked, mediaFailed, quietFfmpeg, rationalRate } from './ffmpeg.ts';
import { Mp4Writer } from './mp4-writer.ts';

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

const x264Params = [
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
  quietFfmpeg();
  checkFormat(options);
  const context = await openX264(options, options.settings ?? defaultEncoderSettings);
  const frame = yuvFrame(options);
  const packet = new Packet();
  packet.alloc();
  let writer: Mp4Writer;
  try {
    writer = await Mp4Writer.open(options.file, options.fps, (parameters) => parameters.fromContext(context));
  } catch (error) {
    context.freeContext();
    throw error;
  }
  const delay = context.hasBFrames;
  let sent = 0;
  let open = true;

  const drain = async (): Promise<void> => {
    for (;;) {
      const status = await context.receivePacket(packet);
      if (status === AVERROR_EAGAIN || status === AVERROR_EOF) return;
      checked(status, { doing: 'encoding a frame', file: options.file });
      await writer.write(packet, Number(packet.pts), delay);
      packet.unref();
    }
  };
  const release = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await writer.abort();
    packet.free();
    frame.free();
    context.freeContext();
  };

  return {
    async write(planes) {
      assertOpen(open);
      checked(frame.makeWritable(), { doing: 'taking a frame', file: options.file });
      copyPlanes(planes, frame, options);
      frame.pts = BigInt(sent);
      checked(await context.sendFrame(frame), { doing: `encoding frame ${String(sent)}`, file: options.file });
      sent += 1;
      await drain();
    },
    async close() {
      assertOpen(open);
      if (sent === 0) {
        throw mediaFailed(`${options.file} got no frame; a segment holds at least one`, { file: options.file });
      }
      checked(await context.sendFrame(null), { doing: 'draining the encoder', file: options.file });
      await drain();
      if (writer.numPackets !== sent) {
        const numPackets = writer.numPackets;
        throw mediaFailed(
          `${options.file} got ${String(sent)} frames and x264 returned ${String(numPackets)} packets`,
          {
            file: options.file,
            sent,
            numPackets,
          },
        );
      }
      await writer.finish();
      await release();
      return { frames: sent, bytes: (await stat(options.file)).size };
    },
    abort: release,
  };
}

async function openX264(options: SegmentEncoderOptions, settings: EncoderSettings): Promise<CodecContext> {
  const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
  if (codec === null)
    throw mediaFailed('This build of FFmpeg has no libx264; install node-av with its prebuilt binary', {});
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = options.width;
  context.height = options.height;
  const rate = rationalRate(options.fps);
  context.timeBase = new Rational(rate.den, rate.num);
  context.framerate = rate;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  context.colorPrimaries = AVCOL_PRI_BT709;
  context.colorTrc = AVCOL_TRC_BT709;
  context.colorSpace = AVCOL_SPC_BT709;
  context.colorRange = AVCOL_RANGE_MPEG;
  context.chromaLocation = AVCHROMA_LOC_CENTER;
  context.sampleAspectRatio = new Rational(1, 1);
  context.maxBFrames = settings.bFrames;
  context.threadCount = settings.threads;
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  using dictionary = Dictionary.fromObject({
    preset: settings.preset,
    crf: String(settings.crf),
    profile: 'high',
    'x264-params': x264Params,
  });
  const status = await context.open2(codec, dictionary);
  if (status < 0) context.freeContext();
  checked(status, { doing: 'opening x264', file: options.file });
  return context;
}

function yuvFrame({ width, height, file }: SegmentEncoderOptions): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = AV_PIX_FMT_YUV420P;
  checked(frame.getBuffer(0), { doing: 'allocating a frame', file });
  return frame;
}

/** Copies packed planes into FFmpeg's padded rows. */
function copyPlanes(planes: Yuv420Frame, frame: Frame, { width, height, file }: SegmentEncoderOptions): void {
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

function assertOpen(open: boolean): void {
  if (!open) throw new PipelineError('INTERNAL', 'The segment encoder was used after close or abort');
}
