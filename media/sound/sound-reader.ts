import {
  AV_CHANNEL_ORDER_NATIVE,
  AV_PKT_FLAG_CORRUPT,
  AV_SAMPLE_FMT_FLT,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVMEDIA_TYPE_AUDIO,
} from 'node-av/constants';
import type { AVChannelOrder } from 'node-av/constants';
import { Codec, CodecContext, Dictionary, FormatContext, Frame, Packet, SoftwareResampleContext } from 'node-av/lib';
import type { Stream } from 'node-av/lib';

import { checkedRead, mediaFailed, quietFfmpeg } from '../ffmpeg.ts';
import { soundRate } from './sound-rate.ts';

/** What may be opened. FFmpeg knows formats that name other files, or addresses; those stay shut. */
const formats = 'wav,w64,aiff,au,caf,flac,mp3,ogg,aac,mov,mp4,m4a,matroska,webm';

/** How strictly a file is read. */
export interface SoundReading {
  /** FFmpeg's names of the formats that are opened; all that people use when absent. */
  readonly formats?: string;
  /** Packets that may fail to decode: files of the web begin or end with scraps. */
  readonly scraps?: number;
}

/** What the header of a file says. */
export interface SoundHeader {
  /** FFmpeg's name of the format, `wav`. */
  readonly format: string;
  readonly channels: number;
  /** Hertz. */
  readonly rate: number;
  /** `null` when it does not say. */
  readonly seconds: number | null;
}

/** Channel masks by count, where a file does not say which they are: mono, stereo, 2.1, quadro, 5.0, 5.1, 6.1, 7.1. */
const usualMasks = [0n, 0x4n, 0x3n, 0xbn, 0x33n, 0x37n, 0x3fn, 0x70fn, 0x63fn];

/** The most channels that have a known way to two. */
export const mostChannels = usualMasks.length - 1;

/**
 * The first sound track of a file, decoded at {@link soundRate} as it is asked for, so memory does not grow with its length. What has
 * one channel stays so; more than two are mixed to two, by ITU-R BS.775 with levels that cannot clip.
 */
export class SoundReader {
  readonly header: SoundHeader;
  /** Channels of what `chunks` yields. */
  readonly channels: 1 | 2;
  readonly #file: string;
  readonly #format: FormatContext;
  readonly #stream: Stream;
  readonly #decoder: CodecContext;
  readonly #scraps: number;
  #resampler: SoftwareResampleContext | null = null;

  private constructor(
    file: string,
    { format, stream, decoder }: { format: FormatContext; stream: Stream; decoder: CodecContext },
    scraps: number,
  ) {
    this.#file = file;
    this.#format = format;
    this.#stream = stream;
    this.#decoder = decoder;
    this.#scraps = scraps;
    const { channelLayout, sampleRate } = stream.codecpar;
    const channels = channelLayout.nbChannels;
    const { num, den } = stream.timeBase;
    this.channels = channels === 1 ? 1 : 2;
    this.header = {
      format: format.iformat?.name ?? 'unknown',
      channels,
      rate: sampleRate,
      seconds: stream.duration > 0n ? (Number(stream.duration) * num) / den : null,
    };
  }

  /** @throws PipelineError `MEDIA_FAILED` when the file is none of sound, or its header makes no sense. */
  static async open(file: string, { formats: only = formats, scraps = 0 }: SoundReading = {}): Promise<SoundReader> {
    quietFfmpeg();
    const format = new FormatContext();
    let decoder: CodecContext | null = null;
    try {
      using options = Dictionary.fromObject({ format_whitelist: only, protocol_whitelist: 'file' });
      checkedRead(await format.openInput(`file:${file}`, null, options), { doing: 'opening the sound', file });
      checkedRead(await format.findStreamInfo(null), { doing: 'reading the header', file });
      const index = checkedRead(format.findBestStream(AVMEDIA_TYPE_AUDIO), { doing: 'finding a sound track', file });
      const stream = format.streams[index]!;
      const { codecId, channelLayout, sampleRate } = stream.codecpar;
      const channels = channelLayout.nbChannels;
      const codec = Codec.findDecoder(codecId);
      if (codec === null)
        throw mediaFailed(`This build of FFmpeg cannot decode the sound of ${file}`, { file, codecId });
      if (channels < 1 || sampleRate < 1) {
        throw mediaFailed(`The header of ${file} says ${channels} channels at ${sampleRate} Hz`, {
          file,
          channels,
          sampleRate,
        });
      }
      decoder = new CodecContext();
      decoder.allocContext3(codec);
      checkedRead(stream.codecpar.toContext(decoder), { doing: 'describing the sound', file });
      // The decoder drops what an encoder put in front of the first sample, and behind the last.
      decoder.pktTimebase = stream.timeBase;
      decoder.threadCount = 1;
      // It repairs by default; damage must be told.
      decoder.setOption('err_detect', 'crccheck+bitstream+buffer+explode');
      checkedRead(await decoder.open2(codec, null), { doing: 'opening the decoder', file });
      return new SoundReader(file, { format, stream, decoder }, scraps);
    } catch (error) {
      decoder?.freeContext();
      await format.closeInput();
      throw error;
    }
  }

  /**
   * All its samples, interleaved, in chunks of whatever size; each belongs to the caller. To be called once.
   * @throws PipelineError `MEDIA_FAILED` for damage.
   */
  async *chunks(): AsyncGenerator<Float32Array> {
    using packet = new Packet();
    packet.alloc();
    using frame = new Frame();
    frame.alloc();
    let failed = 0;
    for (let more = true; more;) {
      const status = await this.#format.readFrame(packet);
      more = status !== AVERROR_EOF;
      if (more) {
        checkedRead(status, { doing: 'reading a packet', file: this.#file });
        const isOurs = packet.streamIndex === this.#stream.index;
        // Where the header of a WAV file does not know its length, its last packet counts as cut off.
        const isCut = packet.hasFlags(AV_PKT_FLAG_CORRUPT) && this.header.format !== 'wav';
        const isBad = isOurs && (isCut || (await this.#decoder.sendPacket(packet)) < 0);
        packet.unref();
        if (isBad) failed = this.#another(failed);
        if (!isOurs || isBad) continue;
      } else {
        await this.#decoder.sendPacket(null);
      }
      for (;;) {
        const got = await this.#decoder.receiveFrame(frame);
        if (got === AVERROR_EAGAIN || got === AVERROR_EOF) break;
        if (got < 0) {
          failed = this.#another(failed);
          break;
        }
        const chunk = this.#convert(frame);
        frame.unref();
        if (chunk.length > 0) yield chunk;
      }
    }
    const rest = this.#convert(null);
    if (rest.length > 0) yield rest;
  }

  /** Frees the reader. Harmless twice. */
  async close(): Promise<void> {
    this.#resampler?.free();
    this.#resampler = null;
    this.#decoder.freeContext();
    await this.#format.closeInput();
  }

  #another(failed: number): number {
    if (failed < this.#scraps) return failed + 1;
    throw mediaFailed(`${this.#file} has sound that cannot be decoded`, { file: this.#file });
  }

  /** A frame's samples at the common rate; with `null` what the resampler still holds. */
  #convert(frame: Frame | null): Float32Array {
    if (frame === null && this.#resampler === null) return new Float32Array(0);
    const resampler = (this.#resampler ??= this.#openResampler(frame));
    const room = resampler.getOutSamples(frame?.nbSamples ?? 0);
    const samples = new Float32Array(room * this.channels);
    const target = Buffer.from(samples.buffer);
    const source = frame === null ? null : (frame.extendedData ?? frame.data);
    const count = resampler.convertSync([target], room, source, frame?.nbSamples ?? 0);
    checkedRead(count, { doing: 'resampling', file: this.#file });
    return samples.subarray(0, count * this.channels);
  }

  #openResampler(frame: Frame | null): SoftwareResampleContext {
    if (frame === null) throw mediaFailed(`${this.#file} has no samples`, { file: this.#file });
    const resampler = new SoftwareResampleContext();
    resampler.alloc();
    const to = layoutOf(this.channels);
    const { channels, channelLayout, sampleRate } = frame;
    const isKnown = channelLayout.order === AV_CHANNEL_ORDER_NATIVE && channelLayout.mask !== 0n;
    const from = isKnown ? channelLayout : layoutOf(channels);
    const step = { doing: 'preparing to resample', file: this.#file };
    checkedRead(
      resampler.allocSetOpts2(to, AV_SAMPLE_FMT_FLT, soundRate, from, this.#decoder.sampleFormat, sampleRate),
      step,
    );
    resampler.setOption('rematrix_maxval', 1);
    checkedRead(resampler.init(), step);
    return resampler;
  }
}

/** The usual layout of so many channels. */
export function layoutOf(channels: number): { nbChannels: number; order: AVChannelOrder; mask: bigint } {
  return { nbChannels: channels, order: AV_CHANNEL_ORDER_NATIVE, mask: usualMasks[channels] ?? 0n };
}
