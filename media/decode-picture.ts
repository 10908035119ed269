import {
  AV_CODEC_ID_MJPEG,
  AV_FRAME_FLAG_INTERLACED,
  AV_CODEC_ID_PNG,
  AV_PIX_FMT_RGBA,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_RGB,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, SoftwareScaleContext } from 'node-av/lib';

import { checked, checkedRead, mediaFailed, quietFfmpeg } from './ffmpeg.ts';
import { packedRows } from './packed-rows.ts';
import type { PictureFormat } from './picture.ts';

/** FFmpeg counts pixels in whole coding blocks. */
const blockMargin = 64;

/** A picture with transparency: rows of red, green, blue, alpha bytes, packed; alpha is not multiplied in. */
export interface RgbaPicture {
  readonly width: number;
  readonly height: number;
  /** `height × width × 4`. */
  readonly data: Uint8Array;
}

/** What the headers of a picture file said; the decoder must agree. */
export interface CodedStill {
  readonly format: PictureFormat;
  readonly width: number;
  readonly height: number;
  readonly coded: Uint8Array;
}

/**
 * Decodes a still picture whose size was read from its headers and found acceptable. Colour profiles are not applied:
 * numbers are taken as sRGB.
 * @throws PipelineError `MEDIA_FAILED` when the file is damaged or is not what its headers said.
 */
export async function decodePicture({ format, width, height, coded }: CodedStill): Promise<RgbaPicture> {
  quietFfmpeg();
  const step = { doing: `decoding a ${format}`, file: 'a picture' };
  const codec = Codec.findDecoder(format === 'png' ? AV_CODEC_ID_PNG : AV_CODEC_ID_MJPEG);
  if (codec === null) throw mediaFailed(`This build of FFmpeg cannot read ${format}`, { format });
  using context = new CodecContext();
  context.allocContext3(codec);
  context.threadCount = 1;
  // The decoder repairs by default; a damaged picture must fail. `max_pixels` is the second lock on the size.
  context.setOption('err_detect', 'crccheck+bitstream+buffer+explode');
  context.setOption('max_pixels', (width + blockMargin) * (height + blockMargin));
  checkedRead(await context.open2(codec, null), step);
  using packet = new Packet();
  packet.alloc();
  packet.data = Buffer.from(coded);
  using frame = new Frame();
  frame.alloc();
  checkedRead(await context.sendPacket(packet), step);
  checkedRead(await context.sendPacket(null), step);
  checkedRead(await context.receiveFrame(frame), step);
  if (frame.width !== width || frame.height !== height) {
    throw mediaFailed(`A picture decodes to ${frame.width}x${frame.height}; its header says ${width}x${height}`, {});
  }
  // A still has no fields: FFmpeg says so of PNGs that are stored in passes, and its scaler would look for the second one.
  frame.flags = frame.flags & ~AV_FRAME_FLAG_INTERLACED;
  // Awaited here: the frame is freed when this function returns.
  return await toRgba(frame, width, height);
}

async function toRgba(source: Frame, width: number, height: number): Promise<RgbaPicture> {
  using target = new Frame();
  target.alloc();
  target.width = width;
  target.height = height;
  target.format = AV_PIX_FMT_RGBA;
  target.colorRange = AVCOL_RANGE_JPEG;
  target.colorSpace = AVCOL_SPC_RGB;
  const step = { doing: 'converting the colours', file: 'a picture' };
  checked(target.getBuffer(0), step);
  using scaler = new SoftwareScaleContext();
  scaler.allocContext();
  scaler.setOption('sws_flags', 'bicubic+accurate_rnd+full_chroma_int+full_chroma_inp');
  checked(await scaler.scaleFrame(target, source), step);
  return { width, height, data: packedRows(target, width, height, 4) };
}
