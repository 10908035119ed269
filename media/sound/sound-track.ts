import { AV_CODEC_ID_AAC, AV_CODEC_ID_OPUS, AVERROR_EOF } from 'node-av/constants';
import type { AVCodecID } from 'node-av/constants';
import { FormatContext, Packet } from 'node-av/lib';
import type { CodecParameters, Rational, Stream } from 'node-av/lib';

import { checkedRead, mediaFailed, quietFfmpeg } from '../ffmpeg.ts';
import { listMp4Boxes } from '../mp4-boxes.ts';
import type { SideTrack } from '../mp4-writer.ts';
import { soundRate } from './sound-rate.ts';

const codecs: readonly AVCodecID[] = [AV_CODEC_ID_AAC, AV_CODEC_ID_OPUS];

/** The coded sound of a film, as the encoder of this folder made it, on its way into the film. */
export class SoundTrack implements SideTrack {
  readonly #file: string;
  readonly #format: FormatContext;
  readonly #stream: Stream;
  readonly #packet = new Packet();
  /** Whether `#packet` holds what comes next. */
  #isRead = false;
  #isAtEnd = false;

  private constructor(file: string, format: FormatContext, stream: Stream) {
    this.#file = file;
    this.#format = format;
    this.#stream = stream;
    this.#packet.alloc();
  }

  /** @throws PipelineError `MEDIA_FAILED` with the file when it is not one track of stereo in AAC or Opus. */
  static async open(file: string): Promise<SoundTrack> {
    quietFfmpeg();
    await listMp4Boxes(file);
    const format = new FormatContext();
    try {
      checkedRead(await format.openInput(file), { doing: 'opening the sound', file });
      const [stream] = format.streams;
      const isOurs =
        stream !== undefined &&
        format.nbStreams === 1 &&
        codecs.includes(stream.codecpar.codecId) &&
        stream.codecpar.sampleRate === soundRate &&
        stream.codecpar.channelLayout.nbChannels === 2;
      if (!isOurs) throw mediaFailed(`${file} is not one track of stereo at ${soundRate} Hz; make it again`, { file });
      return new SoundTrack(file, format, stream);
    } catch (error) {
      await format.closeInput();
      throw error;
    }
  }

  get timeBase(): Rational {
    return this.#stream.timeBase;
  }

  /** Samples that are heard. */
  get samples(): number {
    const { num, den } = this.#stream.timeBase;
    return Math.round((Number(this.#stream.duration) * num * soundRate) / den);
  }

  readonly describe = (parameters: CodecParameters): number => {
    const status = this.#stream.codecpar.copy(parameters);
    // Containers name codecs in their own ways.
    parameters.codecTag = 0;
    return status;
  };

  async *until(seconds: number): AsyncGenerator<Packet> {
    const { num, den } = this.#stream.timeBase;
    for (;;) {
      if (!this.#isRead && !(await this.#read())) return;
      if ((Number(this.#packet.dts) * num) / den > seconds) return;
      this.#isRead = false;
      yield this.#packet;
      this.#packet.unref();
    }
  }

  /** Frees the reader. */
  async close(): Promise<void> {
    this.#packet.free();
    await this.#format.closeInput();
  }

  async #read(): Promise<boolean> {
    if (this.#isAtEnd) return false;
    const status = await this.#format.readFrame(this.#packet);
    this.#isAtEnd = status === AVERROR_EOF;
    if (this.#isAtEnd) return false;
    checkedRead(status, { doing: 'reading the sound', file: this.#file });
    this.#isRead = true;
    return true;
  }
}
