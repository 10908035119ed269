import {
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_MJPEG,
  AV_CODEC_ID_PNG,
  AV_CODEC_ID_WEBP,
  AV_FRAME_FLAG_INTERLACED,
  AV_PIX_FMT_GRAY8,
  AV_PIX_FMT_RGBA,
  AVCHROMA_LOC_CENTER,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
} from 'node-av/constants';
import type { AVCodecID, AVColorSpace, AVPixelFormat } from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, SoftwareScaleContext } from 'node-av/lib';

import { checked, checkedRead, mediaFailed, quietFfmpeg } from './ffmpeg.ts';
import { packedRows } from './packed-rows.ts';

/** FFmpeg counts pixels in whole coding blocks. */
const blockMargin = 64;

/** A picture with transparency: rows of red, green, blue, alpha bytes, packed; alpha is not multiplied in. */
export interface RgbaPicture {
  readonly width: number;
  readonly height: number;
  /** `height × width × 4`. */
  readonly data: Uint8Array;
}

/** How the numbers of a coded picture become colours, where its file says so. ITU-T H.273. */
export interface StillColour {
  /** `MatrixCoefficients`. */
  readonly matrix: number;
  readonly isFullRange: boolean;
}

/** What the headers of a picture file said; the decoder must agree. */
export interface CodedStill {
  readonly format: 'jpeg' | 'png' | 'webp' | 'av1' | 'hevc';
  readonly width: number;
  readonly height: number;
  readonly coded: Uint8Array;
  /** What the decoder gets before: of HEVC its parameter sets, `hvcC`. */
  readonly config?: Uint8Array;
  /** Without it the coded picture speaks for itself; what it leaves open is BT.601. */
  readonly colour?: StillColour;
}

const decoders = {
  jpeg: AV_CODEC_ID_MJPEG,
  png: AV_CODEC_ID_PNG,
  webp: AV_CODEC_ID_WEBP,
  av1: AV_CODEC_ID_AV1,
  hevc: AV_CODEC_ID_HEVC,
} as const satisfies Record<CodedStill['format'], AVCodecID>;

/**
 * Decodes a still picture whose size was read from its headers and found acceptable. Colour profiles are not applied:
 * numbers are taken as sRGB.
 * @throws PipelineError `MEDIA_FAILED` when the file is damaged or is not what its headers said.
 */
export async function decodePicture(still: CodedStill): Promise<RgbaPicture> {
  using frame = new Frame();
  frame.alloc();
  await decodeInto(frame, still);
  const { width, height } = still;
  // Awaited here: the frame is freed when this function returns.
  return { width, height, data: await converted(frame, { width, height, format: AV_PIX_FMT_RGBA, channels: 4 }) };
}

/**
 * Decodes a grey picture that says how opaque another one is; `height × width`, 255 is opaque. Its numbers use the whole range.
 * @throws PipelineError `MEDIA_FAILED` as {@link decodePicture}.
 */
export async function decodeOpacity(still: CodedStill): Promise<Uint8Array> {
  using frame = new Frame();
  frame.alloc();
  await decodeInto(frame, still);
  frame.colorRange = AVCOL_RANGE_JPEG;
  const { width, height } = still;
  return await converted(frame, { width, height, format: AV_PIX_FMT_GRAY8, channels: 1 });
}

async function decodeInto(frame: Frame, still: CodedStill): Promise<void> {
  const { format, width, height, coded, config, colour } = still;
  quietFfmpeg();
  const step = { doing: `decoding a ${format}`, file: 'a picture' };
  const codec = Codec.findDecoder(decoders[format]);
  if (codec === null) throw mediaFailed(`This build of FFmpeg cannot read ${format}`, { format });
  using context = new CodecContext();
  context.allocContext3(codec);
  context.threadCount = 1;
  if (config !== undefined) context.extraData = Buffer.from(config);
  // The decoder repairs by default; a damaged picture must fail. `max_pixels` is the second lock on the size.
  context.setOption('err_detect', 'crccheck+bitstream+buffer+explode');
  context.setOption('max_pixels', (width + blockMargin) * (height + blockMargin));
  checkedRead(await context.open2(codec, null), step);
  using packet = new Packet();
  packet.alloc();
  packet.data = Buffer.from(coded);
  checkedRead(await context.sendPacket(packet), step);
  checkedRead(await context.sendPacket(null), step);
  checkedRead(await context.receiveFrame(frame), step);
  if (frame.width !== width || frame.height !== height) {
    throw mediaFailed(`A picture decodes to ${frame.width}x${frame.height}; its header says ${width}x${height}`, {});
  }
  // A still has no fields: FFmpeg says so of PNGs that are stored in passes, and its scaler would look for the second one.
  frame.flags = frame.flags & ~AV_FRAME_FLAG_INTERLACED;
  if (colour !== undefined) {
    frame.colorSpace = colour.matrix as AVColorSpace;
    frame.colorRange = colour.isFullRange ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
  }
  // FFmpeg says left of HEVC that says nothing, as video is; stills have their colours in the middle of four pixels, as JPEG has.
  if (format === 'hevc') frame.chromaLocation = AVCHROMA_LOC_CENTER;
  const isCoded = format === 'av1' || format === 'hevc';
  if (isCoded && frame.colorSpace === AVCOL_SPC_UNSPECIFIED) frame.colorSpace = AVCOL_SPC_SMPTE170M;
}

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly format: AVPixelFormat;
  readonly channels: number;
}

async function converted(source: Frame, { width, height, format, channels }: Pixels): Promise<Uint8Array> {
  using target = new Frame();
  target.alloc();
  target.width = width;
  target.height = height;
  target.format = format;
  target.colorRange = AVCOL_RANGE_JPEG;
  if (format === AV_PIX_FMT_RGBA) target.colorSpace = AVCOL_SPC_RGB;
  else target.colorSpace = source.colorSpace;
  const step = { doing: 'converting the colours', file: 'a picture' };
  checked(target.getBuffer(0), step);
  using scaler = new SoftwareScaleContext();
  scaler.allocContext();
  scaler.setOption('sws_flags', 'bicubic+accurate_rnd+full_chroma_int+full_chroma_inp');
  checked(await scaler.scaleFrame(target, source), step);
  return packedRows(target, width, height, channels);
}
