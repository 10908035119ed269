import {
  AV_DISPOSITION_ATTACHED_PIC,
  AV_FRAME_FLAG_CORRUPT,
  AV_NOPTS_VALUE,
  AV_PKT_DATA_ENCRYPTION_INFO,
  AV_PKT_FLAG_CORRUPT,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  AVMEDIA_TYPE_AUDIO,
  AVMEDIA_TYPE_VIDEO,
} from 'node-av/constants';
import { Codec, CodecContext, Dictionary, FormatContext, Frame, Packet } from 'node-av/lib';
import type { Stream } from 'node-av/lib';

import { PipelineError } from '../../errors/pipeline-error.ts';
import { checkedRead, mediaFailed, quietFfmpeg } from '../ffmpeg.ts';
import { footageHeader } from './footage-header.ts';
import type { FootageHeader } from './footage-header.ts';

/** What may be opened. FFmpeg knows formats that name other files, or addresses; those stay shut. */
const formats = 'mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,gif,avi,mpegts,png_pipe,jpeg_pipe,image2';

/** Threads of a decoder: two halve the time, more take memory for little. */
const decoderThreads = 2;

/** Why a file is no footage, in `details.reason` of a `MEDIA_FAILED`. */
export type FootageFault = 'unreadable' | 'no-video' | 'no-decoder' | 'encrypted' | 'damaged' | 'size-changes';

/** A decoded picture, valid until the next one is asked for. */
export interface FootageFrame {
  readonly frame: Frame;
  /** When it is shown, seconds from the first one; `null` when the file does not say. */
  readonly seconds: number | null;
  /** How long it is shown, seconds; 0 when the file does not say. */
  readonly lasts: number;
}

/**
 * The pictures of a file from anywhere, decoded one after the other: memory does not grow with its length. Nothing in the file is
 * trusted; what is wrong with it is a `MEDIA_FAILED` with a {@link FootageFault} as `details.reason`.
 */
export class FootageReader {
  readonly header: FootageHeader;
  readonly #file: string;
  readonly #format: FormatContext;
  readonly #stream: Stream;

  private constructor(file: string, format: FormatContext, stream: Stream, header: FootageHeader) {
    this.header = header;
    this.#file = file;
    this.#format = format;
    this.#stream = stream;
  }

  /** Reads the header. Nothing is decoded but what tells the kind of stream. @throws PipelineError `MEDIA_FAILED`. */
  static async open(file: string): Promise<FootageReader> {
    quietFfmpeg();
    const format = new FormatContext();
    try {
      using options = Dictionary.fromObject({ format_whitelist: formats, protocol_whitelist: 'file' });
      const opened = await format.openInput(`file:${file}`, null, options);
      if (opened < 0) throw footageFault(file, 'unreadable');
      if ((await format.findStreamInfo(null)) < 0) throw footageFault(file, 'unreadable');
      const index = format.findBestStream(AVMEDIA_TYPE_VIDEO);
      const stream = index < 0 ? undefined : format.streams[index];
      // The cover of a song is a video stream to FFmpeg.
      if (stream === undefined || (stream.disposition & AV_DISPOSITION_ATTACHED_PIC) !== 0) {
        throw footageFault(file, 'no-video');
      }
      const hasSound = format.findBestStream(AVMEDIA_TYPE_AUDIO) >= 0;
      return new FootageReader(file, format, stream, footageHeader(format, stream, hasSound));
    } catch (error) {
      await format.closeInput();
      throw error;
    }
  }

  /**
   * When each picture is shown, seconds, in the order of the file, from packets alone: nothing is decoded. To be called once, on a reader of
   * its own.
   * @returns those before the first damage.
   * @throws PipelineError `MEDIA_FAILED` for encryption.
   */
  async times(): Promise<Float64Array> {
    const { num, den } = this.#stream.timeBase;
    let times = new Float64Array(1024);
    let count = 0;
    try {
      for await (const packet of this.#packets()) {
        if (packet === null || packet.pts === AV_NOPTS_VALUE) continue;
        if (count === times.length) {
          const more = new Float64Array(2 * count);
          more.set(times);
          times = more;
        }
        times[count++] = (Number(packet.pts) * num) / den;
      }
    } catch (error) {
      // Whoever decodes it comes to the same place, and knows how far it is.
      if (!(error instanceof PipelineError) || error.details['reason'] !== 'damaged') throw error;
    }
    return times.subarray(0, count);
  }

  /**
   * All pictures in the order in which they are shown. To be called once.
   * @param mostPixels Of a picture; a file that grows beyond is refused while it is read, too.
   * @throws PipelineError `MEDIA_FAILED` for damage, encryption, and a size that changes on the way.
   */
  async *frames(mostPixels: number): AsyncGenerator<FootageFrame> {
    const { timeBase } = this.#stream;
    using decoder = this.#decoder(mostPixels);
    checkedRead(await decoder.open2(null, null), { doing: 'opening the decoder', file: this.#file });
    using frame = new Frame();
    frame.alloc();
    let first: bigint | null = null;
    let size: string | null = null;
    for await (const packet of this.#packets()) {
      const sent = await decoder.sendPacket(packet);
      if (sent < 0 && sent !== AVERROR_EOF) throw footageFault(this.#file, 'damaged');
      for (;;) {
        const status = await decoder.receiveFrame(frame);
        if (status === AVERROR_EAGAIN || status === AVERROR_EOF) break;
        if (status < 0 || frame.hasFlags(AV_FRAME_FLAG_CORRUPT) || frame.decodeErrorFlags !== 0) {
          throw footageFault(this.#file, 'damaged');
        }
        const now = `${frame.width}x${frame.height} ${frame.format}`;
        size ??= now;
        if (now !== size) throw footageFault(this.#file, 'size-changes');
        const time = frame.bestEffortTimestamp;
        const isTimed = time !== AV_NOPTS_VALUE;
        if (isTimed) first ??= time;
        const secondsOf = (ticks: bigint): number => (Number(ticks) * timeBase.num) / timeBase.den;
        const seconds = isTimed && first !== null ? secondsOf(time - first) : null;
        yield { frame, seconds, lasts: Math.max(0, secondsOf(frame.duration)) };
        frame.unref();
      }
    }
  }

  /** Frees the reader. Harmless twice. */
  async close(): Promise<void> {
    await this.#format.closeInput();
  }

  #decoder(mostPixels: number): CodecContext {
    const { codecpar, timeBase } = this.#stream;
    const codec = Codec.findDecoder(codecpar.codecId);
    if (codec === null) throw footageFault(this.#file, 'no-decoder');
    const decoder = new CodecContext();
    decoder.allocContext3(codec);
    checkedRead(codecpar.toContext(decoder), { doing: 'describing the pictures', file: this.#file });
    decoder.pktTimebase = timeBase;
    decoder.threadCount = decoderThreads;
    decoder.setOption('max_pixels', mostPixels);
    return decoder;
  }

  /** The packets of the stream, then `null` for the decoder to give what it holds back. */
  async *#packets(): AsyncGenerator<Packet | null> {
    using packet = new Packet();
    packet.alloc();
    for (;;) {
      const status = await this.#format.readFrame(packet);
      if (status === AVERROR_EOF) break;
      if (status < 0) throw footageFault(this.#file, 'damaged');
      if (packet.streamIndex === this.#stream.index) {
        if (packet.getSideData(AV_PKT_DATA_ENCRYPTION_INFO) !== null) throw footageFault(this.#file, 'encrypted');
        if (packet.hasFlags(AV_PKT_FLAG_CORRUPT)) throw footageFault(this.#file, 'damaged');
        yield packet;
      }
      packet.unref();
    }
    yield null;
  }
}

function footageFault(file: string, reason: FootageFault): ReturnType<typeof mediaFailed> {
  return mediaFailed(`${file} cannot be read as footage: ${reason}`, { file, reason });
}
