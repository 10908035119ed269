import {
  AV_BUFFERSRC_FLAG_KEEP_REF,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_PAL8,
  AV_PIX_FMT_RGB24,
  AV_PIX_FMT_YUV420P,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  FF_ENCODER_GIF,
  FF_ENCODER_LIBWEBP_ANIM,
} from 'node-av/constants';
import {
  Codec,
  CodecContext,
  Dictionary,
  FilterGraph,
  FormatContext,
  Frame,
  Packet,
  Rational,
  SoftwareScaleContext,
  type Stream,
} from 'node-av/lib';

import { checked, mediaFailed, quietFfmpeg } from './ffmpeg.ts';
import { decodeAll } from './read-frames.ts';
import { blankVideoFrame } from './video-encoder.ts';
import { VideoFile } from './video-file.ts';

/** A moving picture. */
export interface PreviewOptions {
  readonly codec: 'gif' | 'webp';
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Frames per second. */
  readonly fps: number;
  readonly frames: number;
  /** Frames that the pieces have together. */
  readonly filmFrames: number;
  /** Called before each frame; throw in it to stop. */
  readonly onFrame: (done: number) => void;
}

/** How WebP is coded: 75 is what libwebp takes by itself. */
const webpQuality = '75';

/**
 * Makes a small moving picture of a film: those of its frames that are nearest in time, without end. Memory holds one frame, and of WebP the
 * coded ones.
 *
 * @param pieces - Video files that make the film, in order.
 * @throws PipelineError `MEDIA_FAILED` with the file of a piece that is damaged, `RESOURCE_DISK`.
 */
export async function makePreview(pieces: readonly string[], output: string, options: PreviewOptions): Promise<void> {
  quietFfmpeg();
  const { frames, filmFrames, onFrame } = options;
  const writer = await PreviewWriter.open(output, options);
  try {
    let shown = 0;
    let place = 0;
    for (const piece of pieces) {
      const video = await VideoFile.open(piece);
      try {
        for await (const frame of decodeAll(video, (decoded) => Promise.resolve(decoded))) {
          const isWanted = shown < frames && place === Math.floor((shown * filmFrames) / frames);
          place += 1;
          if (!isWanted) continue;
          onFrame(shown);
          await writer.write(frame);
          shown += 1;
        }
      } finally {
        await video.close();
      }
    }
    if (place !== filmFrames) {
      const [file] = pieces;
      throw mediaFailed(`the pieces of a preview have ${place} frames and ${filmFrames} were planned`, { file });
    }
    await writer.finish();
  } finally {
    await writer.close();
  }
}

/** A file of small pictures that is being written. */
class PreviewWriter {
  readonly #format: FormatContext;
  readonly #stream: Stream;
  readonly #context: CodecContext;
  readonly #palette: Palette | null;
  readonly #options: PreviewOptions;
  readonly #file: string;
  readonly #packet = new Packet();
  readonly #scaler = new SoftwareScaleContext();
  readonly #small: Frame;
  #sent = 0;
  #open = true;

  private constructor(
    parts: { readonly format: FormatContext; readonly stream: Stream; readonly context: CodecContext },
    palette: Palette | null,
    options: PreviewOptions,
    file: string,
  ) {
    this.#format = parts.format;
    this.#stream = parts.stream;
    this.#context = parts.context;
    this.#palette = palette;
    this.#options = options;
    this.#file = file;
    this.#packet.alloc();
    this.#scaler.allocContext();
    this.#scaler.setOption('sws_flags', 'area+accurate_rnd+full_chroma_int+full_chroma_inp');
    const pixelFormat = options.codec === 'gif' ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_YUV420P;
    this.#small = blankVideoFrame({ ...options, pixelFormat }, file);
  }

  static async open(file: string, options: PreviewOptions): Promise<PreviewWriter> {
    const { codec, width, height, fps } = options;
    const isGif = codec === 'gif';
    const encoder = Codec.findEncoderByName(isGif ? FF_ENCODER_GIF : FF_ENCODER_LIBWEBP_ANIM);
    if (encoder === null)
      throw mediaFailed(
        `The build of FFmpeg on this worker has no encoder for ${codec}; install node-av with its prebuilt binary there (\`npm ci\`), or say another codec in the script`,
        { codec },
      );
    const context = new CodecContext();
    context.allocContext3(encoder);
    context.width = width;
    context.height = height;
    context.timeBase = new Rational(1, fps);
    context.pixelFormat = isGif ? AV_PIX_FMT_PAL8 : AV_PIX_FMT_YUV420P;
    context.threadCount = 1;
    context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    const format = new FormatContext();
    try {
      using settings = Dictionary.fromObject(isGif ? {} : { quality: webpQuality });
      checked(await context.open2(encoder, settings), { doing: `opening ${codec}`, file });
      checked(format.allocOutputContext2(null, codec, file), { doing: 'preparing the muxer', file });
      checked(await format.openOutput(), { doing: 'creating the file', file });
      const stream = format.newStream(null);
      checked(stream.codecpar.fromContext(context), { doing: 'describing the stream', file });
      stream.timeBase = new Rational(1, fps);
      using loop = Dictionary.fromObject({ loop: '0' });
      checked(await format.writeHeader(loop), { doing: 'writing the header', file });
      const palette = isGif ? await Palette.open(options, file) : null;
      return new PreviewWriter({ format, stream, context }, palette, options, file);
    } catch (error) {
      context.freeContext();
      await format.closeOutput();
      format.freeContext();
      throw error;
    }
  }

  async write(frame: Frame): Promise<void> {
    checked(this.#small.makeWritable(), { doing: 'taking a frame', file: this.#file });
    checked(await this.#scaler.scaleFrame(this.#small, frame), { doing: 'scaling a frame', file: this.#file });
    this.#small.pts = BigInt(this.#sent);
    this.#small.pictType = AV_PICTURE_TYPE_NONE;
    const shown = this.#palette === null ? this.#small : await this.#palette.of(this.#small);
    shown.pts = BigInt(this.#sent);
    checked(await this.#context.sendFrame(shown), { doing: 'encoding a frame', file: this.#file });
    this.#sent += 1;
    await this.#drain();
  }

  async finish(): Promise<void> {
    checked(await this.#context.sendFrame(null), { doing: 'draining the encoder', file: this.#file });
    await this.#drain();
    checked(await this.#format.writeTrailer(), { doing: 'finishing the file', file: this.#file });
    checked(this.#format.pb?.error ?? 0, { doing: 'flushing', file: this.#file });
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#palette?.free();
    this.#small.free();
    this.#packet.free();
    this.#scaler.freeContext();
    this.#context.freeContext();
    await this.#format.closeOutput();
    this.#format.freeContext();
  }

  async #drain(): Promise<void> {
    for (;;) {
      const status = await this.#context.receivePacket(this.#packet);
      if (status === AVERROR_EAGAIN || status === AVERROR_EOF) return;
      checked(status, { doing: 'encoding a frame', file: this.#file });
      this.#packet.streamIndex = this.#stream.index;
      this.#packet.duration = 1n;
      this.#packet.rescaleTs(new Rational(1, this.#options.fps), this.#stream.timeBase);
      checked(await this.#format.writeFrame(this.#packet), { doing: 'writing a packet', file: this.#file });
      this.#packet.unref();
    }
  }
}

/** Brings frames to 256 colours each of their own, which a GIF can have. */
class Palette {
  readonly #graph: FilterGraph;
  readonly #file: string;
  readonly #out = new Frame();

  private constructor(graph: FilterGraph, file: string) {
    this.#graph = graph;
    this.#file = file;
    this.#out.alloc();
  }

  static async open({ width, height, fps }: PreviewOptions, file: string): Promise<Palette> {
    const graph = new FilterGraph();
    graph.alloc();
    graph.nbThreads = 1;
    const step = { doing: 'preparing colours', file };
    const source = `buffer@in=video_size=${String(width)}x${String(height)}:pix_fmt=rgb24:time_base=1/${String(fps)}:pixel_aspect=1/1`;
    // Bayer's pattern stays in its place: what stands still does not flicker.
    const chain = `${source},split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1:dither=bayer:bayer_scale=4,buffersink@out`;
    try {
      checked(graph.parse2(chain), step);
      checked(await graph.config(), step);
    } catch (error) {
      graph.free();
      throw error;
    }
    return new Palette(graph, file);
  }

  /** The frame in its colours, valid until the next one. */
  async of(frame: Frame): Promise<Frame> {
    const step = { doing: 'choosing colours', file: this.#file };
    const filters = this.#graph.filters ?? [];
    const source = filters.find(({ name }) => name?.includes('in') === true && name.startsWith('buffer'));
    const sink = filters.find(({ name }) => name?.startsWith('buffersink') === true);
    if (source === undefined || sink === undefined) throw mediaFailed('A graph of filters has no ends', {});
    checked(await source.buffersrcAddFrame(frame, AV_BUFFERSRC_FLAG_KEEP_REF), step);
    this.#out.unref();
    checked(await sink.buffersinkGetFrame(this.#out), step);
    return this.#out;
  }

  free(): void {
    this.#out.free();
    this.#graph.free();
  }
}
