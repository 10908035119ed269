import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  AV_PKT_DATA_DISPLAYMATRIX,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVFMT_GLOBALHEADER,
} from 'node-av/constants';
import type {
  AVColorPrimaries,
  AVColorRange,
  AVColorSpace,
  AVColorTransferCharacteristic,
  AVPixelFormat,
  FFEncoderCodec,
} from 'node-av/constants';
import { quietFfmpeg } from '../../media/ffmpeg.ts';
import {
  Codec,
  CodecContext,
  Dictionary,
  FormatContext,
  Frame,
  Packet,
  Rational,
  SoftwareScaleContext,
} from 'node-av/lib';

/** What a file of footage is drawn as. */
export interface DrawnFootage {
  /** Its ending decides the format. */
  readonly file: string;
  readonly width?: number;
  readonly height?: number;
  readonly codec?: string;
  readonly format?: AVPixelFormat;
  /** When each frame is shown, milliseconds; at 25 per second when absent. */
  readonly times?: readonly number[];
  readonly frames?: number;
  readonly matrix?: AVColorSpace;
  readonly range?: AVColorRange;
  readonly transfer?: AVColorTransferCharacteristic;
  readonly primaries?: AVColorPrimaries;
  readonly aspect?: readonly [number, number];
  /** Signs of a display matrix: a, b, c, d. */
  readonly turn?: readonly [number, number, number, number];
  /** Options of the muxer. */
  readonly muxer?: Readonly<Record<string, string>>;
  /** Colour of a pixel: frame, place as shares of width and height; red in the upper left, blue in the lower right when absent. */
  readonly colour?: (frame: number, x: number, y: number) => readonly [number, number, number];
}

/** A picture whose corners tell them apart, and whose brightness tells its frame. */
export const corners = (frame: number, x: number, y: number): readonly [number, number, number] => {
  if (x < 0.5 && y < 0.5) return [200, 40, 40];
  if (x >= 0.5 && y >= 0.5) return [40, 40, 200];
  return x < 0.5 ? [20 + 8 * frame, 20 + 8 * frame, 20 + 8 * frame] : [40, 180, 40];
};

/** Draws a file of footage with FFmpeg's own encoders: what cameras, phones and programmes write. */
export async function drawFootage(drawn: DrawnFootage): Promise<string> {
  const { file, width = 64, height = 48, codec: name = 'libx264', format = AV_PIX_FMT_YUV420P } = drawn;
  const { times = Array.from({ length: drawn.frames ?? 12 }, (_, index) => index * 40), colour = corners } = drawn;
  quietFfmpeg();
  const container = new FormatContext();
  const must = (status: number): void => {
    if (status < 0) throw new Error(`FFmpeg answered ${status} for ${file}`);
  };
  must(container.allocOutputContext2(null, null, file));
  const codec = Codec.findEncoderByName(name as FFEncoderCodec);
  if (codec === null) throw new Error(`there is no ${name}`);
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = width;
  context.height = height;
  context.pixelFormat = format;
  context.timeBase = new Rational(1, 1000);
  context.framerate = new Rational(25, 1);
  context.maxBFrames = 0;
  context.threadCount = 1;
  if (drawn.aspect !== undefined) context.sampleAspectRatio = new Rational(...drawn.aspect);
  if (drawn.matrix !== undefined) context.colorSpace = drawn.matrix;
  context.colorRange = drawn.range ?? AVCOL_RANGE_MPEG;
  if (drawn.transfer !== undefined) context.colorTrc = drawn.transfer;
  if (drawn.primaries !== undefined) context.colorPrimaries = drawn.primaries;
  if (((container.oformat?.flags ?? 0) & AVFMT_GLOBALHEADER) !== 0) context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  using options = Dictionary.fromObject(
    name.startsWith('libx26') ? { crf: '1', preset: 'ultrafast' } : { b: '4000000' },
  );
  must(await context.open2(codec, options));
  const stream = container.newStream(codec);
  must(stream.codecpar.fromContext(context));
  stream.timeBase = new Rational(1, 1000);
  if (drawn.aspect !== undefined) stream.sampleAspectRatio = new Rational(...drawn.aspect);
  if (drawn.turn !== undefined) {
    const [a, b, c, d] = drawn.turn;
    const matrix = Buffer.alloc(36);
    [a, b, 0, c, d, 0, 0, 0, 0].forEach((value, index) => matrix.writeInt32LE(value * 65536, 4 * index));
    matrix.writeInt32LE(1 << 30, 32);
    must(stream.codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, matrix));
  }
  if (((container.oformat?.flags ?? 0) & 1) === 0) must(await container.openOutput());
  using muxer = Dictionary.fromObject({ ...drawn.muxer });
  must(await container.writeHeader(muxer));
  using packet = new Packet();
  packet.alloc();
  const lasts = (index: number): number => (times[index + 1] ?? (times[index] ?? 0) + 40) - (times[index] ?? 0);
  const drain = async (): Promise<void> => {
    for (;;) {
      const status = await context.receivePacket(packet);
      if (status === AVERROR_EAGAIN || status === AVERROR_EOF) return;
      must(status);
      packet.streamIndex = 0;
      packet.duration = BigInt(lasts(times.indexOf(Number(packet.pts))));
      packet.rescaleTs(new Rational(1, 1000), stream.timeBase);
      must(await container.interleavedWriteFrame(packet));
      packet.unref();
    }
  };
  for (const [index, time] of times.entries()) {
    using frame = await frameOf(drawn, { width, height, format }, (x, y) => colour(index, x, y));
    frame.pts = BigInt(time);
    frame.duration = BigInt(lasts(index));
    must(await context.sendFrame(frame));
    await drain();
  }
  must(await context.sendFrame(null));
  await drain();
  must(await container.writeTrailer());
  await container.closeOutput();
  context.freeContext();
  return file;
}

async function frameOf(
  // What says nothing and is small is taken for standard definition.
  { matrix = AVCOL_SPC_SMPTE170M, range = AVCOL_RANGE_MPEG }: DrawnFootage,
  { width, height, format }: { readonly width: number; readonly height: number; readonly format: AVPixelFormat },
  colour: (x: number, y: number) => readonly [number, number, number],
): Promise<Frame> {
  const blank = (pixels: AVPixelFormat): Frame => {
    const frame = new Frame();
    frame.alloc();
    frame.width = width;
    frame.height = height;
    frame.format = pixels;
    frame.colorSpace = pixels === AV_PIX_FMT_RGB24 ? AVCOL_SPC_RGB : matrix;
    frame.colorRange = pixels === AV_PIX_FMT_RGB24 ? AVCOL_RANGE_JPEG : range;
    if (frame.getBuffer(0) < 0) throw new Error('no memory for a frame');
    return frame;
  };
  const rgb = blank(AV_PIX_FMT_RGB24);
  const [rows, stride] = [rgb.data![0]!, rgb.linesize[0]!];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      colour((x + 0.5) / width, (y + 0.5) / height).forEach((value, index) => {
        rows[y * stride + 3 * x + index] = value;
      });
    }
  }
  if (format === AV_PIX_FMT_RGB24) return rgb;
  const target = blank(format);
  using scaler = new SoftwareScaleContext();
  scaler.allocContext();
  scaler.setOption('sws_flags', 'bicubic+accurate_rnd+full_chroma_int+full_chroma_inp');
  if ((await scaler.scaleFrame(target, rgb)) < 0) throw new Error('a frame could not be converted');
  rgb.free();
  return target;
}
