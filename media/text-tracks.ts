import { AV_CODEC_ID_MOV_TEXT, AVFMT_FLAG_BITEXACT, AVMEDIA_TYPE_SUBTITLE } from 'node-av/constants';
import { Dictionary, FormatContext, Packet, Rational, type Stream } from 'node-av/lib';

import { checked, type MediaStep, quietFfmpeg } from './ffmpeg.ts';

/** Words for a run of frames. */
export interface TimedText {
  /** First frame. */
  readonly from: number;
  /** Frame behind the last one. */
  readonly until: number;
  readonly text: string;
}

/** Frames per second as a fraction. */
export interface FrameRate {
  readonly num: number;
  readonly den: number;
}

/** A track of timed text. */
export interface TextTrack {
  readonly name: string;
  /** Of ISO 639-2, three letters. */
  readonly language: string;
  /** In order, none reaching into the next. */
  readonly texts: readonly TimedText[];
}

/**
 * Writes an MP4 of text tracks alone (3GPP timed text, 3GPP TS 26.245), with tags of the whole.
 * @param tags - By FFmpeg's names: `title`, `description`, `comment`, …
 * @throws PipelineError `MEDIA_FAILED`, `RESOURCE_DISK`.
 */
export async function writeTextTracks(
  file: string,
  tracks: readonly TextTrack[],
  { rate, tags }: { readonly rate: FrameRate; readonly tags: Readonly<Record<string, string>> },
): Promise<void> {
  quietFfmpeg();
  const step = (doing: string): MediaStep => ({ doing, file });
  const format = new FormatContext();
  const packet = new Packet();
  packet.alloc();
  try {
    checked(format.allocOutputContext2(null, 'mp4', file), step('preparing the muxer'));
    format.setFlags(AVFMT_FLAG_BITEXACT);
    checked(await format.openOutput(), step('creating the file'));
    const streams = tracks.map((track) => addStream(format, track, rate));
    format.metadata = Dictionary.fromObject({ ...tags });
    using options = Dictionary.fromObject({});
    checked(await format.writeHeader(options), step('writing the header'));
    const frameTime = new Rational(rate.den, rate.num);
    for (const [index, { texts }] of [...tracks.entries()].reverse()) {
      const stream = streams[index]!;
      for (const { from, until, text } of texts) {
        packet.data = textSample(text);
        packet.pts = BigInt(from);
        packet.dts = BigInt(from);
        packet.duration = BigInt(until - from);
        packet.isKeyframe = true;
        packet.streamIndex = stream.index;
        packet.rescaleTs(frameTime, stream.timeBase);
        checked(await format.writeFrame(packet), step('writing text'));
        packet.unref();
      }
    }
    checked(await format.writeTrailer(), step('writing the index'));
    checked(format.pb?.error ?? 0, step('flushing'));
  } finally {
    packet.free();
    await format.closeOutput();
    format.freeContext();
  }
}

function addStream(format: FormatContext, { name, language }: TextTrack, { num, den }: FrameRate): Stream {
  const stream = format.newStream(null);
  stream.codecpar.codecType = AVMEDIA_TYPE_SUBTITLE;
  stream.codecpar.codecId = AV_CODEC_ID_MOV_TEXT;
  stream.codecpar.extradata = sampleDescription;
  stream.timeBase = new Rational(den, num);
  stream.metadata = Dictionary.fromObject({ language, handler_name: name });
  return stream;
}

/** Text as a sample: its length, then UTF-8. */
function textSample(text: string): Buffer {
  const utf8 = Buffer.from(text, 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(utf8.length);
  return Buffer.concat([length, utf8]);
}

/** How the text looks where nobody else decides (`TextSampleEntry` of 3GPP TS 26.245): white, in the middle of the lower edge. */
const sampleDescription = Buffer.concat([
  // Display flags; in the middle, at the bottom; no background.
  Buffer.from([0, 0, 0, 0, 1, 0xff, 0, 0, 0, 0]),
  // The box that text is laid out in: all of the track.
  Buffer.alloc(8),
  // Style of all characters: font 1, plain, 18, opaque white.
  Buffer.from([0, 0, 0, 0, 0, 1, 0, 18, 0xff, 0xff, 0xff, 0xff]),
  // Table of one font.
  Buffer.from([0, 0, 0, 18, ...Buffer.from('ftab'), 0, 1, 0, 1, 5, ...Buffer.from('Serif')]),
]);
