import { stat } from 'node:fs/promises';
import {
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S32,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVFMT_FLAG_BITEXACT,
  FF_ENCODER_AAC,
  FF_ENCODER_FLAC,
  FF_ENCODER_LIBOPUS,
} from 'node-av/constants';
import { Codec, CodecContext, Dictionary, FormatContext, Frame, Packet, Rational } from 'node-av/lib';
import type { Stream } from 'node-av/lib';

import { checked, mediaFailed, quietFfmpeg } from '../ffmpeg.ts';
import type { MediaStep } from '../ffmpeg.ts';
import { layoutOf } from './sound-reader.ts';
import { soundRate } from './sound-rate.ts';

/** How sound is stored: for films, or without loss. */
export type SoundCodec = 'aac' | 'opus' | 'flac';

/**
 * The encoders, all of FFmpeg's LGPL part: its own AAC, and not the better known one that no binary may carry. 192 kbit/s of AAC and
 * 128 of Opus are where listeners stop hearing a difference in stereo. AAC is coded by its `fast` coder, which FFmpeg recommends above 64 kbit/s: at 192 it takes
 * a quarter to two thirds of the time of the usual one, and is nearer to what it was given.
 */
const encoders = {
  aac: {
    name: FF_ENCODER_AAC,
    format: AV_SAMPLE_FMT_FLTP,
    container: 'mp4',
    bitRate: 192_000n,
    options: { aac_coder: 'fast' },
  },
  opus: { name: FF_ENCODER_LIBOPUS, format: AV_SAMPLE_FMT_FLT, container: 'mp4', bitRate: 128_000n, options: {} },
  flac: { name: FF_ENCODER_FLAC, format: AV_SAMPLE_FMT_S32, container: 'flac', bitRate: null, options: {} },
} as const satisfies Record<SoundCodec, unknown>;

/** FLAC encodes frames of any size; this one costs a tenth of a second of sound. */
const flacFrame = 4608;

/** Where a sound goes, and what it is. */
export interface SoundEncoderOptions {
  /** File to write; an old one is replaced. */
  readonly file: string;
  readonly codec: SoundCodec;
  readonly channels: 1 | 2;
}

/**
 * A sound file that grows, at {@link soundRate}. The same samples make the same bytes. A film's sound says in its edit list which samples
 * its encoder put in front, so a player begins with the first of ours and ends with the last.
 */
export class SoundEncoder {
  readonly #options: SoundEncoderOptions;
  readonly #context: CodecContext;
  readonly #format: FormatContext;
  readonly #stream: Stream;
  readonly #packet = new Packet();
  readonly #frameSize: number;
  /** Samples that wait for a whole frame, interleaved. */
  #waiting: Float32Array;
  #numWaiting = 0;
  #sent = 0;
  #open = true;

  private constructor(options: SoundEncoderOptions, context: CodecContext, format: FormatContext, stream: Stream) {
    this.#options = options;
    this.#context = context;
    this.#format = format;
    this.#stream = stream;
    this.#frameSize = options.codec === 'flac' ? flacFrame : context.frameSize;
    this.#waiting = new Float32Array(this.#frameSize * options.channels);
    this.#packet.alloc();
  }

  /** @throws PipelineError `MEDIA_FAILED`, `RESOURCE_DISK`. */
  static async open(options: SoundEncoderOptions): Promise<SoundEncoder> {
    quietFfmpeg();
    const { file, codec, channels } = options;
    const { name, format: sampleFormat, container, bitRate, options: coder } = encoders[codec];
    const step = (doing: string): MediaStep => ({ doing, file });
    const found = Codec.findEncoderByName(name);
    if (found === null)
      throw mediaFailed(
        `The build of FFmpeg on this worker has no encoder for ${codec}; install node-av with its prebuilt binary there (\`npm ci\`), or say another audio codec in the script`,
        { codec },
      );
    const context = new CodecContext();
    const format = new FormatContext();
    try {
      context.allocContext3(found);
      context.sampleRate = soundRate;
      context.sampleFormat = sampleFormat;
      context.channelLayout = layoutOf(channels);
      context.timeBase = new Rational(1, soundRate);
      context.threadCount = 1;
      context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
      context.setFlags(AV_CODEC_FLAG_BITEXACT);
      if (bitRate !== null) context.bitRate = bitRate;
      else {
        context.bitsPerRawSample = 24;
        context.frameSize = flacFrame;
      }
      using settings = Dictionary.fromObject(coder);
      checked(await context.open2(found, settings), step('opening the encoder'));
      checked(format.allocOutputContext2(null, container, file), step('preparing the muxer'));
      format.setFlags(AVFMT_FLAG_BITEXACT);
      checked(await format.openOutput(), step('creating the file'));
      const stream = format.newStream(null);
      checked(stream.codecpar.fromContext(context), step('describing the sound'));
      stream.timeBase = new Rational(1, soundRate);
      using flags = Dictionary.fromObject(container === 'mp4' ? { movie_timescale: String(soundRate) } : {});
      checked(await format.writeHeader(flags), step('writing the header'));
      return new SoundEncoder(options, context, format, stream);
    } catch (error) {
      context.freeContext();
      await format.closeOutput();
      format.freeContext();
      throw error;
    }
  }

  /** Encodes further samples, interleaved, from -1 to 1. @throws PipelineError `MEDIA_FAILED`, `RESOURCE_DISK`. */
  async write(samples: Float32Array): Promise<void> {
    for (let from = 0; from < samples.length;) {
      const taken = Math.min(samples.length - from, this.#waiting.length - this.#numWaiting);
      this.#waiting.set(samples.subarray(from, from + taken), this.#numWaiting);
      this.#numWaiting += taken;
      from += taken;
      if (this.#numWaiting === this.#waiting.length) await this.#encode();
    }
  }

  /** Encodes what waits and finishes the file. @throws PipelineError `MEDIA_FAILED`, `RESOURCE_DISK`. */
  async close(): Promise<{ readonly samples: number; readonly bytes: number }> {
    const { file } = this.#options;
    if (this.#numWaiting > 0) await this.#encode();
    checked(await this.#context.sendFrame(null), { doing: 'draining the encoder', file });
    this.#drain();
    checked(await this.#format.writeTrailer(), { doing: 'finishing the sound', file });
    checked(this.#format.pb?.error ?? 0, { doing: 'flushing', file });
    await this.abort();
    return { samples: this.#sent, bytes: (await stat(file)).size };
  }

  /** Frees everything and leaves the file as it is. Harmless after `close`. */
  async abort(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#packet.free();
    this.#context.freeContext();
    await this.#format.closeOutput();
    this.#format.freeContext();
  }

  async #encode(): Promise<void> {
    const { channels, codec, file } = this.#options;
    const count = this.#numWaiting / channels;
    using frame = new Frame();
    frame.alloc();
    frame.nbSamples = count;
    frame.format = encoders[codec].format;
    frame.sampleRate = soundRate;
    frame.channelLayout = layoutOf(channels);
    checked(frame.getBuffer(0), { doing: 'allocating a frame', file });
    fill(frame.data ?? [], this.#waiting.subarray(0, this.#numWaiting), { channels, codec });
    frame.pts = BigInt(this.#sent);
    checked(await this.#context.sendFrame(frame), { doing: 'encoding sound', file });
    this.#sent += count;
    this.#numWaiting = 0;
    this.#drain();
  }

  /** Takes what the encoder has ready, at once: a hop to another thread would take longer. */
  #drain(): void {
    const { file } = this.#options;
    for (;;) {
      const status = this.#context.receivePacketSync(this.#packet);
      if (status === AVERROR_EAGAIN || status === AVERROR_EOF) return;
      checked(status, { doing: 'encoding sound', file });
      this.#packet.streamIndex = this.#stream.index;
      this.#packet.rescaleTs(new Rational(1, soundRate), this.#stream.timeBase);
      checked(this.#format.writeFrameSync(this.#packet), { doing: 'writing sound', file });
      this.#packet.unref();
    }
  }
}

/** Copies interleaved samples into the planes of a frame, as its codec wants them. */
function fill(
  planes: readonly Buffer[],
  samples: Float32Array,
  { channels, codec }: Pick<SoundEncoderOptions, 'channels' | 'codec'>,
): void {
  const count = samples.length / channels;
  const [first] = planes;
  if (first === undefined) return;
  if (codec === 'flac') {
    // 24 bits, in the upper part of 32.
    const whole = new Int32Array(first.buffer, first.byteOffset, samples.length);
    for (let at = 0; at < samples.length; at++) {
      const level = Math.round(samples[at]! * 8_388_608);
      whole[at] = Math.max(-8_388_608, Math.min(8_388_607, level)) << 8;
    }
  } else if (codec === 'opus') {
    new Float32Array(first.buffer, first.byteOffset, samples.length).set(samples);
  } else {
    planes.slice(0, channels).forEach((plane, channel) => {
      const target = new Float32Array(plane.buffer, plane.byteOffset, count);
      for (let at = 0; at < count; at++) target[at] = samples[at * channels + channel]!;
    });
  }
}
