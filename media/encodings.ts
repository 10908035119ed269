import {
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUV420P10LE,
  AV_PIX_FMT_YUV422P10LE,
  FF_ENCODER_AAC,
  FF_ENCODER_GIF,
  FF_ENCODER_LIBOPUS,
  FF_ENCODER_LIBSVTAV1,
  FF_ENCODER_LIBVPX_VP9,
  FF_ENCODER_LIBWEBP_ANIM,
  FF_ENCODER_LIBX264,
  FF_ENCODER_LIBX265,
  FF_ENCODER_PRORES_KS,
} from 'node-av/constants';
import { Codec } from 'node-av/lib';

import { x264Params } from './segment-encoder.ts';
import type { VideoCodecName } from './video-codecs.ts';
import type { EncoderChoice } from './video-encoder.ts';

/**
 * How a film is coded anew, for each codec. What holds for all of them:
 *
 * Y1  A piece is one closed GOP, and its header depends on size, rate and encoding alone: any pieces can be joined by remux.
 * Y2  Same frames, same bytes: threads are a fixed number. So AV1 takes no bitrate, with which its encoder makes other bytes each time.
 */

/** What a film is coded with. */
export interface Encoding {
  readonly codec: VideoCodecName;
  /** Bits of a sample. */
  readonly depth: 8 | 10;
  /** Constant rate factor: 0 is the best. Absent with a bitrate, and for ProRes. */
  readonly quality?: number;
  /** Bits per second. */
  readonly bitrate?: number;
}

/** FFmpeg's name of the encoder of each codec. */
const encoders = {
  h264: FF_ENCODER_LIBX264,
  hevc: FF_ENCODER_LIBX265,
  av1: FF_ENCODER_LIBSVTAV1,
  vp9: FF_ENCODER_LIBVPX_VP9,
  prores: FF_ENCODER_PRORES_KS,
} as const satisfies Readonly<Record<VideoCodecName, string>>;

/** FFmpeg's encoder of a codec of films, previews or sound that its build lacks; `null` when it is there. */
export function missingEncoder(codec: VideoCodecName | 'gif' | 'webp' | 'aac' | 'opus'): string | null {
  const others = { gif: FF_ENCODER_GIF, webp: FF_ENCODER_LIBWEBP_ANIM, aac: FF_ENCODER_AAC, opus: FF_ENCODER_LIBOPUS };
  const name = { ...encoders, ...others }[codec];
  return Codec.findEncoderByName(name) === null ? name : null;
}

/** How FFmpeg is asked for an encoding. Presets are those that two cores bear at 4K. */
export function encoderChoice(encoding: Encoding): EncoderChoice {
  const { codec, depth, quality, bitrate } = encoding;
  const pixelFormat = depth === 10 ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P;
  const rate: Record<string, string> = quality === undefined ? {} : { crf: String(quality) };
  const common = {
    name: encoders[codec],
    pixelFormat,
    container: 'mp4',
    ...(bitrate === undefined ? {} : { bitrate }),
  } as const;
  switch (codec) {
    case 'h264':
      return {
        ...common,
        options: {
          ...rate,
          preset: 'veryfast',
          profile: depth === 10 ? 'high10' : 'high',
          'x264-params': `${x264Params}${bounds(bitrate)}`,
        },
        bFrames: 2,
        threads: 3,
        delay: 1,
      };
    case 'hevc':
      return {
        ...common,
        options: { ...rate, preset: 'superfast', 'x265-params': `${x265Params}${bounds(bitrate)}` },
        delay: 1,
      };
    case 'av1':
      return { ...common, options: { ...rate, preset: '8', 'svtav1-params': 'lp=2:keyint=-1:scd=0' }, delay: 0 };
    case 'vp9':
      return {
        ...common,
        options: {
          ...rate,
          deadline: 'good',
          'cpu-used': '5',
          'row-mt': '1',
          g: '9999',
          profile: depth === 10 ? '2' : '0',
        },
        bitrate: bitrate ?? 0,
        threads: 2,
        delay: 0,
      };
    case 'prores':
      return {
        ...common,
        pixelFormat: AV_PIX_FMT_YUV422P10LE,
        options: { profile: 'hq', vendor: 'apl0' },
        threads: 2,
        delay: 0,
        container: 'mov',
      };
  }
}

/** One GOP, and one frame of delay, whatever the pictures; nothing of the library in the stream. */
const x265Params =
  'log-level=none:info=0:keyint=-1:min-keyint=1:scenecut=0:open-gop=0:b-pyramid=0:bframes=2:rc-lookahead=5:frame-threads=2';

/** A bitrate holds for every second or two, not for the average alone. */
function bounds(bitrate: number | undefined): string {
  if (bitrate === undefined) return '';
  const kilobits = Math.round(bitrate / 1000);
  return `:vbv-maxrate=${String(Math.round(kilobits * 1.5))}:vbv-bufsize=${String(kilobits * 2)}`;
}
