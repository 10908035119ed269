import { AV_PKT_FLAG_CORRUPT, AVERROR_EOF, AVMEDIA_TYPE_VIDEO } from 'node-av/constants';
import { FormatContext, Packet, Rational, type Stream } from 'node-av/lib';

import { checkedRead, mediaFailed, quietFfmpeg } from './ffmpeg.ts';
import { listMp4Boxes } from './mp4-boxes.ts';
import { codecNamed, type VideoCodecName, videoCodecs } from './video-codecs.ts';

/** The track with the pictures. */
interface Track {
  readonly stream: Stream;
  readonly codec: VideoCodecName;
}

/** One coded picture of a file, valid until the next one is read. */
export interface CodedPicture {
  readonly packet: Packet;
  /** Frame number at which it is shown, counted from 0. */
  readonly shownAt: number;
  /** Frame number at which it is decoded; negative before the first picture is shown. */
  readonly decodedAt: number;
}

/**
 * The pictures of an MP4 or MOV of this project, opened for reading; other tracks are passed over. It trusts nothing in the file:
 * whatever is not of a codec of films, with a constant frame rate and pictures on exact frame times is `MEDIA_FAILED`.
 */
export class VideoFile {
  readonly file: string;
  readonly stream: Stream;
  readonly codec: VideoCodecName;
  /** Frames per second. */
  readonly fps: number;
  readonly #rate: Rational;
  /** Frames that the index of the file lists. */
  readonly numFrames: number;
  readonly #format: FormatContext;
  #isInspected = false;

  private constructor(file: string, format: FormatContext, track: Track, rate: Rational) {
    const { stream, codec } = track;
    this.file = file;
    this.codec = codec;
    this.#format = format;
    this.stream = stream;
    this.#rate = rate;
    this.fps = rate.num / rate.den;
    this.numFrames = Number(stream.nbFrames);
  }

  /** The container's reader, for the decoder of this folder. */
  get format(): FormatContext {
    return this.#format;
  }

  /** @throws PipelineError `MEDIA_FAILED`. */
  static async open(file: string): Promise<VideoFile> {
    quietFfmpeg();
    // FFmpeg repairs truncated files silently; a segment that is not whole must fail.
    await listMp4Boxes(file);
    const format = new FormatContext();
    try {
      checkedRead(await format.openInput(file), { doing: 'opening the container', file });
      const index = checkedRead(format.findBestStream(AVMEDIA_TYPE_VIDEO), { doing: 'finding the video stream', file });
      const stream = format.streams[index]!;
      const { codecId, width, height, extradata } = stream.codecpar;
      const codec = codecNamed(codecId);
      const isBare = codec !== null && videoCodecs[codec].hasHeader && extradata === null;
      if (codec === null || isBare || width < 1 || height < 1) {
        throw mediaFailed(`${file} has no stream of a codec of films with its parameter sets; make it again`, {
          file,
          codecId,
        });
      }
      const video = new VideoFile(file, format, { stream, codec }, frameRateOf(stream, file));
      // The index of VP9 says too little to be copied into another file.
      if (codec === 'vp9') await video.inspect();
      return video;
    } catch (error) {
      await format.closeInput();
      throw error;
    }
  }

  /** Looks at the first pictures for what the index does not say, such as the bits of a sample. FFmpeg crashes when it does that twice. */
  async inspect(): Promise<void> {
    if (this.#isInspected) return;
    this.#isInspected = true;
    checkedRead(await this.#format.findStreamInfo(null), { doing: 'reading the first picture', file: this.file });
  }

  /** Reads the pictures in coding order. @throws PipelineError `MEDIA_FAILED` for damage or times between frames. */
  async *pictures(): AsyncGenerator<CodedPicture> {
    const packet = new Packet();
    packet.alloc();
    try {
      for (;;) {
        const status = await this.#format.readFrame(packet);
        if (status === AVERROR_EOF) return;
        checkedRead(status, { doing: 'reading a packet', file: this.file });
        if (packet.streamIndex !== this.stream.index) {
          packet.unref();
          continue;
        }
        if (packet.hasFlags(AV_PKT_FLAG_CORRUPT))
          throw mediaFailed(`${this.file} has a damaged packet; make it again`, { file: this.file });
        yield { packet, shownAt: this.frameAt(packet.pts), decodedAt: this.frameAt(packet.dts) };
        packet.unref();
      }
    } finally {
      packet.free();
    }
  }

  /** Time stamp of a frame in the stream's time base. */
  timeOf(frame: number): bigint {
    const { num, den } = this.stream.timeBase;
    return (BigInt(frame) * BigInt(den) * BigInt(this.#rate.den)) / (BigInt(this.#rate.num) * BigInt(num));
  }

  /** Frame number of a time stamp. @throws PipelineError `MEDIA_FAILED` when it is not on a frame. */
  frameAt(time: bigint): number {
    const ticks = this.timeOf(1);
    const frame = ticks < 1n ? 0 : Math.round(Number(time) / Number(ticks));
    if (ticks < 1n || this.timeOf(frame) !== time) {
      throw mediaFailed(
        `${this.file} shows a picture at ${String(time)}, between frames of ${String(ticks)} ticks; make it again`,
        {
          file: this.file,
          time: String(time),
          ticks: String(ticks),
        },
      );
    }
    return frame;
  }

  /** Frees the reader. */
  async close(): Promise<void> {
    await this.#format.closeInput();
  }
}

function frameRateOf(stream: Stream, file: string): Rational {
  const { num, den } = stream.avgFrameRate;
  const isRate = den > 0 && num / den >= 1;
  // Frames of a rate that does not divide the time base have no exact times.
  const { num: tick, den: ticks } = stream.timeBase;
  if (!isRate || (BigInt(ticks) * BigInt(den)) % (BigInt(num) * BigInt(tick)) !== 0n) {
    throw mediaFailed(
      `${file} has ${String(num)}/${String(den)} frames per second; the rate is constant, and frames have exact times`,
      {
        file,
        num,
        den,
      },
    );
  }
  return new Rational(num, den);
}
