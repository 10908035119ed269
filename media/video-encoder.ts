import { stat } from 'node:fs/promises';

import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_NONE,
  AVCHROMA_LOC_CENTER,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  type AVPixelFormat,
  type FFVideoEncoder,
} from 'node-av/constants';
import { Codec, CodecContext, Dictionary, Frame, Packet, Rational } from 'node-av/lib';

import { PipelineError } from '../errors/pipeline-error.ts';
import { checked, mediaFailed, quietFfmpeg, rationalRate } from './ffmpeg.ts';
import { Mp4Writer } from './mp4-writer.ts';

/** How FFmpeg is asked to encode. All of it decides the bytes. */
export interface EncoderChoice {
  /** FFmpeg's name of the encoder. */
  readonly name: FFVideoEncoder;
  readonly pixelFormat: AVPixelFormat;
  readonly options: Readonly<Record<string, string>>;
  readonly bFrames?: number;
  /** Bits per second; absent where the options say how good pictures are. */
  readonly bitrate?: number;
  /** Threads of the encoder. Part of the bytes, hence not taken from the machine. */
  readonly threads?: number;
  /** Frames between decoding and showing, the same for every segment of a film. */
  readonly delay: number;
  readonly container: 'mp4' | 'mov';
}

/** Where coded pictures go and what they are. */
export interface VideoEncoderOptions {
  /** File to write; an old file is replaced. */
  readonly file: string;
  /** Pixels, even. */
  readonly width: number;
  /** Pixels, even. */
  readonly height: number;
  /** Frames per second. */
  readonly fps: number;
  readonly choice: EncoderChoice;
}

/** A file of one closed GOP that is being written. Calls must not overlap; end it with `close`, or with `abort` after a failure. */
export interface VideoEncoder {
  /** Encodes the next frame, of the size and pixel format that were asked for; its time stamp is replaced. @throws PipelineError `MEDIA_FAILED`, `RESOURCE_DISK`. */
  write(frame: Frame): Promise<void>;
  /** Drains the encoder and finishes the file. @throws PipelineError `MEDIA_FAILED` when it holds no frame, `RESOURCE_DISK`. */
  close(): Promise<{ readonly frames: number; readonly bytes: number }>;
  /** Frees everything and leaves an unfinished file behind. Harmless after `close`. */
  abort(): Promise<void>;
}

/** Opens an encoder. @throws PipelineError `MEDIA_FAILED` when this build of FFmpeg lacks it or refuses size or rate, `RESOURCE_DISK`. */
export async function openVideoEncoder(options: VideoEncoderOptions): Promise<VideoEncoder> {
  quietFfmpeg();
  const { file, choice } = options;
  const context = await openContext(options);
  const packet = new Packet();
  packet.alloc();
  let writer: Mp4Writer;
  try {
    writer = await Mp4Writer.open(file, options.fps, (parameters) => parameters.fromContext(context), {
      container: choice.container,
    });
  } catch (error) {
    packet.free();
    context.freeContext();
    throw error;
  }
  let sent = 0;
  let open = true;

  const drain = async (): Promise<void> => {
    for (;;) {
      const status = await context.receivePacket(packet);
      if (status === AVERROR_EAGAIN || status === AVERROR_EOF) return;
      checked(status, { doing: 'encoding a frame', file });
      await writer.write(packet, Number(packet.pts), choice.delay);
      packet.unref();
    }
  };
  const release = async (): Promise<void> => {
    if (!open) return;
    open = false;
    await writer.abort();
    packet.free();
    context.freeContext();
  };
  const assertOpen = (): void => {
    if (!open) throw new PipelineError('INTERNAL', 'The segment encoder was used after close or abort');
  };

  return {
    async write(frame) {
      assertOpen();
      frame.pts = BigInt(sent);
      // A decoder says what its picture was; encoders would take that for a wish.
      frame.pictType = AV_PICTURE_TYPE_NONE;
      checked(await context.sendFrame(frame), { doing: `encoding frame ${String(sent)}`, file });
      sent += 1;
      await drain();
    },
    async close() {
      assertOpen();
      if (sent === 0) throw mediaFailed(`${file} got no frame; a segment holds at least one`, { file });
      checked(await context.sendFrame(null), { doing: 'draining the encoder', file });
      await drain();
      const { numPackets } = writer;
      if (numPackets !== sent) {
        throw mediaFailed(
          `${file} got ${String(sent)} frames and ${choice.name} returned ${String(numPackets)} packets`,
          { file, sent, numPackets },
        );
      }
      await writer.finish();
      await release();
      return { frames: sent, bytes: (await stat(file)).size };
    },
    abort: release,
  };
}

async function openContext({ file, width, height, fps, choice }: VideoEncoderOptions): Promise<CodecContext> {
  const { name, pixelFormat, bFrames, bitrate, threads } = choice;
  const codec = Codec.findEncoderByName(name);
  if (codec === null)
    throw mediaFailed(
      `The build of FFmpeg on this worker has no encoder ${name}; install node-av with its prebuilt binary there (\`npm ci\`), or say another codec in the script`,
      { name },
    );
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = width;
  context.height = height;
  const rate = rationalRate(fps);
  context.timeBase = new Rational(rate.den, rate.num);
  context.framerate = rate;
  context.pixelFormat = pixelFormat;
  context.colorPrimaries = AVCOL_PRI_BT709;
  context.colorTrc = AVCOL_TRC_BT709;
  context.colorSpace = AVCOL_SPC_BT709;
  context.colorRange = AVCOL_RANGE_MPEG;
  context.chromaLocation = AVCHROMA_LOC_CENTER;
  context.sampleAspectRatio = new Rational(1, 1);
  if (bFrames !== undefined) context.maxBFrames = bFrames;
  if (bitrate !== undefined) context.bitRate = BigInt(bitrate);
  if (threads !== undefined) context.threadCount = threads;
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  using dictionary = Dictionary.fromObject(choice.options);
  const status = await context.open2(codec, dictionary);
  if (status < 0) context.freeContext();
  checked(status, { doing: `opening ${name}`, file });
  return context;
}

/** A frame with memory for its planes. @throws PipelineError `MEDIA_FAILED`. */
export function blankVideoFrame(
  {
    width,
    height,
    pixelFormat,
  }: { readonly width: number; readonly height: number; readonly pixelFormat: AVPixelFormat },
  file: string,
): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = pixelFormat;
  checked(frame.getBuffer(0), { doing: 'allocating a frame', file });
  return frame;
}
