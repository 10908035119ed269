import { AVFMT_FLAG_BITEXACT } from 'node-av/constants';
import { type CodecParameters, Dictionary, FormatContext, type Packet, Rational, type Stream } from 'node-av/lib';

import { checked, mediaFailed, type MediaStep, rationalRate } from './ffmpeg.ts';
import { codecNamed, videoCodecs } from './video-codecs.ts';

/** A track that runs beside the pictures of a film; its packets are coded already. */
export interface SideTrack {
  /** Fills in the parameters of its stream; returns FFmpeg's status. */
  readonly describe: (parameters: CodecParameters) => number;
  /** What the time stamps of its packets count. */
  readonly timeBase: Rational;
  /** Its next packets, up to this time in seconds, with their own time stamps; each is valid until the next one is asked for. */
  readonly until: (seconds: number) => AsyncIterable<Packet>;
}

/** What a file holds beside its pictures, and how it is laid out. */
export interface Mp4Layout {
  /** Further `movflags`, such as `+faststart`. */
  readonly flags?: string;
  /** Kind of file; absent: MP4. */
  readonly container?: 'mp4' | 'mov';
  readonly tracks?: readonly SideTrack[];
}

interface BesideStream {
  readonly track: SideTrack;
  readonly stream: Stream;
}

/**
 * An MP4 (or MOV) file with one video stream, others beside it, and exact time: packet `j` of the file is decoded at frame time `j − delay` and its
 * picture is shown at the frame number it carries. That holds inside a segment and across segments alike, because every
 * segment reorders with the same delay and ends with all its pictures shown.
 */
export class Mp4Writer {
  readonly #format: FormatContext;
  readonly #stream: Stream;
  readonly #file: string;
  readonly #frameTime: Rational;
  readonly #beside: readonly BesideStream[];
  #numPackets = 0;
  #open = true;

  private constructor(
    format: FormatContext,
    streams: { readonly pictures: Stream; readonly beside: readonly BesideStream[] },
    file: string,
    fps: number,
  ) {
    this.#format = format;
    this.#stream = streams.pictures;
    this.#beside = streams.beside;
    this.#file = file;
    const rate = rationalRate(fps);
    this.#frameTime = new Rational(rate.den, rate.num);
  }

  /**
   * Creates the file and writes its header.
   * @param describe - Fills in the stream's codec parameters; returns FFmpeg's status.
   * @throws PipelineError `MEDIA_FAILED`, `RESOURCE_DISK`.
   */
  static async open(
    file: string,
    fps: number,
    describe: (parameters: CodecParameters) => number,
    { flags = '', container = 'mp4', tracks = [] }: Mp4Layout = {},
  ): Promise<Mp4Writer> {
    const step = (doing: string): MediaStep => ({ doing, file });
    const format = new FormatContext();
    try {
      checked(format.allocOutputContext2(null, container, file), step('preparing the muxer'));
      // No library version and no date in the file: same packets, same bytes.
      format.setFlags(AVFMT_FLAG_BITEXACT);
      checked(await format.openOutput(), step('creating the file'));
      const stream = format.newStream(null);
      checked(describe(stream.codecpar), step('describing the stream'));
      const codec = codecNamed(stream.codecpar.codecId);
      const tag = codec === null ? null : videoCodecs[codec].tag;
      // What a reader found there is a tag of its own container.
      stream.codecpar.codecTag = tag ?? 0;
      const rate = rationalRate(fps);
      stream.timeBase = new Rational(rate.den, rate.num);
      stream.avgFrameRate = rate;
      const beside = tracks.map((track) => {
        const own = format.newStream(null);
        checked(track.describe(own.codecpar), step('describing a track'));
        own.timeBase = track.timeBase;
        return { track, stream: own };
      });
      using options = Dictionary.fromObject(flags === '' ? {} : { movflags: flags });
      checked(await format.writeHeader(options), step('writing the header'));
      return new Mp4Writer(format, { pictures: stream, beside }, file, fps);
    } catch (error) {
      await release(format);
      throw error;
    }
  }

  /** Packets written so far. */
  get numPackets(): number {
    return this.#numPackets;
  }

  /**
   * Writes the next packet in decoding order. The packet's own time stamps are replaced.
   * @param shownAt - Frame number of its picture.
   * @param delay - Frames between decoding and showing that the stream needs.
   * @throws PipelineError `MEDIA_FAILED`, `RESOURCE_DISK`.
   */
  async write(packet: Packet, shownAt: number, delay: number): Promise<void> {
    const decodedAt = this.#numPackets - delay;
    if (shownAt < decodedAt) {
      throw mediaFailed(
        `Packet ${String(this.#numPackets)} of ${this.#file} would be shown at frame ${String(shownAt)}, before it is decoded at ${String(decodedAt)}`,
        { file: this.#file, packet: this.#numPackets, shownAt, decodedAt },
      );
    }
    await this.#writeBeside(decodedAt * this.#frameTime.toDouble());
    packet.pts = BigInt(shownAt);
    packet.dts = BigInt(decodedAt);
    packet.duration = 1n;
    packet.pos = -1n;
    packet.streamIndex = this.#stream.index;
    packet.rescaleTs(this.#frameTime, this.#stream.timeBase);
    checked(await this.#format.writeFrame(packet), {
      doing: `writing packet ${String(this.#numPackets)}`,
      file: this.#file,
    });
    this.#numPackets += 1;
  }

  /** Writes the index and closes the file. @throws PipelineError `MEDIA_FAILED`, `RESOURCE_DISK`. */
  async finish(): Promise<void> {
    await this.#writeBeside(Number.POSITIVE_INFINITY);
    checked(await this.#format.writeTrailer(), { doing: 'writing the index', file: this.#file });
    checked(this.#format.pb?.error ?? 0, { doing: 'flushing', file: this.#file });
    await this.abort();
  }

  /** Interleaved by time, so that a player never waits for one track while it reads the other. */
  async #writeBeside(seconds: number): Promise<void> {
    for (const { track, stream } of this.#beside) {
      for await (const packet of track.until(seconds)) {
        packet.streamIndex = stream.index;
        packet.pos = -1n;
        packet.rescaleTs(track.timeBase, stream.timeBase);
        checked(await this.#format.writeFrame(packet), { doing: 'writing a track', file: this.#file });
      }
    }
  }

  /** Closes the file as it is. Harmless when it is closed already. */
  async abort(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await release(this.#format);
  }
}

async function release(format: FormatContext): Promise<void> {
  await format.closeOutput();
  format.freeContext();
}
