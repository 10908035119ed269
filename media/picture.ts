import {
  AV_CODEC_FLAG_QSCALE,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT470BG,
  AVCOL_SPC_RGB,
  AVCOL_TRC_BT709,
  type AVPixelFormat,
  FF_ENCODER_MJPEG,
  FF_ENCODER_PNG,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational, SoftwareScaleContext } from 'node-av/lib';

import { checked, mediaFailed, quietFfmpeg } from './ffmpeg.ts';
import { packedRows } from './packed-rows.ts';

/** A still picture: rows of red, green, blue bytes, packed. */
export interface RgbPicture {
  readonly width: number;
  readonly height: number;
  /** `height × width × 3`. */
  readonly data: Uint8Array;
}

/** File formats of still pictures. */
export type PictureFormat = 'jpeg' | 'png';

/** FFmpeg's JPEG quantiser scale, 2 (best) … 31. */
const jpegScale = 3;
/** `FF_QP2LAMBDA` of FFmpeg: quality is given in lambda units. */
const lambdaPerScale = 118;

/** Encodes a picture as a file. @throws PipelineError `MEDIA_FAILED`. */
export async function encodeImage(picture: RgbPicture, format: PictureFormat): Promise<Buffer> {
  quietFfmpeg();
  const doing = { doing: `encoding a ${format}`, file: 'a picture' };
  using source = frameOf(picture);
  const pixelFormat = format === 'jpeg' ? AV_PIX_FMT_YUVJ420P : AV_PIX_FMT_RGB24;
  using image =
    format === 'jpeg' ? await scaleFrame(source, picture.width, picture.height, pixelFormat) : frameOf(picture);
  const codec = Codec.findEncoderByName(format === 'jpeg' ? FF_ENCODER_MJPEG : FF_ENCODER_PNG);
  if (codec === null) throw mediaFailed(`This build of FFmpeg cannot write ${format}`, { format });
  using context = new CodecContext();
  context.allocContext3(codec);
  context.width = picture.width;
  context.height = picture.height;
  context.pixelFormat = pixelFormat;
  context.timeBase = new Rational(1, 1);
  context.threadCount = 1;
  if (format === 'jpeg') {
    context.colorRange = AVCOL_RANGE_JPEG;
    context.colorSpace = AVCOL_SPC_BT470BG;
    context.setFlags(AV_CODEC_FLAG_QSCALE);
    context.globalQuality = jpegScale * lambdaPerScale;
    image.quality = jpegScale * lambdaPerScale;
  }
  checked(await context.open2(codec, null), doing);
  using packet = new Packet();
  packet.alloc();
  image.pts = 0n;
  checked(await context.sendFrame(image), doing);
  checked(await context.sendFrame(null), doing);
  checked(await context.receivePacket(packet), doing);
  return Buffer.from(packet.data ?? Buffer.alloc(0));
}

/** Scales a decoded frame, in any format, to a picture. @throws PipelineError `MEDIA_FAILED`. */
export async function toPicture(frame: Frame, width: number, height: number): Promise<RgbPicture> {
  using scaled = await scaleFrame(frame, width, height, AV_PIX_FMT_RGB24);
  return { width, height, data: packedRows(scaled, width, height, 3) };
}

function frameOf(picture: RgbPicture): Frame {
  const frame = blankFrame(picture.width, picture.height, AV_PIX_FMT_RGB24);
  const rows = frame.data![0]!;
  const stride = frame.linesize[0]!;
  for (let row = 0; row < picture.height; row += 1) {
    rows.set(picture.data.subarray(row * picture.width * 3, (row + 1) * picture.width * 3), row * stride);
  }
  return frame;
}

/** Size, matrix and range are converted by what the two frames say of themselves. */
async function scaleFrame(source: Frame, width: number, height: number, format: AVPixelFormat): Promise<Frame> {
  const target = blankFrame(width, height, format);
  using scaler = new SoftwareScaleContext();
  scaler.allocContext();
  // Averaging is right for the strong reductions of thumbnails; exact rounding keeps flat colours flat.
  scaler.setOption('sws_flags', 'area+accurate_rnd+full_chroma_int+full_chroma_inp');
  checked(await scaler.scaleFrame(target, source), { doing: 'scaling a frame', file: 'a picture' });
  return target;
}

function blankFrame(width: number, height: number, format: AVPixelFormat): Frame {
  const frame = new Frame();
  frame.alloc();
  frame.width = width;
  frame.height = height;
  frame.format = format;
  frame.colorRange = AVCOL_RANGE_JPEG;
  frame.colorSpace = format === AV_PIX_FMT_RGB24 ? AVCOL_SPC_RGB : AVCOL_SPC_BT470BG;
  frame.colorPrimaries = AVCOL_PRI_BT709;
  frame.colorTrc = AVCOL_TRC_BT709;
  checked(frame.getBuffer(0), { doing: 'allocating a frame', file: 'a picture' });
  return frame;
}
