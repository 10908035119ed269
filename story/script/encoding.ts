/** The codecs of films. */
export const videoCodecs = ['h264', 'hevc', 'av1', 'vp9', 'prores'] as const;

/** A codec of films. */
export type VideoCodec = (typeof videoCodecs)[number];

/** What a film is coded with. */
export interface VideoEncoding {
  readonly codec: VideoCodec;
  /** Bits of a sample. */
  readonly depth: 8 | 10;
  /** Constant rate factor: 0 is the best. Absent with a bitrate, and for ProRes. */
  readonly quality?: number;
  /** Bits per second. */
  readonly bitrate?: number;
}

/** What of it somebody wrote. */
export interface WrittenEncoding {
  readonly codec?: VideoCodec | undefined;
  readonly depth?: 8 | 10 | undefined;
  readonly quality?: number | undefined;
  readonly bitrate?: string | undefined;
}

/** What a codec can do. */
interface CodecLimits {
  /** The largest rate factor; `null` where there is none. */
  readonly maxQuality: number | null;
  /** What it gets when nothing is said. */
  readonly quality: number;
  readonly hasBitrate: boolean;
  /** Bits, the usual first. */
  readonly depths: readonly (8 | 10)[];
  /** The shortest side, pixels: encoders of larger blocks hang or refuse below. */
  readonly minSide: number;
}

/** The table of codecs. */
export const codecLimits: Readonly<Record<VideoCodec, CodecLimits>> = {
  h264: { maxQuality: 51, quality: 18, hasBitrate: true, depths: [8, 10], minSide: 16 },
  hevc: { maxQuality: 51, quality: 20, hasBitrate: true, depths: [8, 10], minSide: 64 },
  // With a bitrate its encoder makes other bytes each time, and a film would be made again for nothing.
  av1: { maxQuality: 63, quality: 26, hasBitrate: false, depths: [8, 10], minSide: 64 },
  vp9: { maxQuality: 63, quality: 28, hasBitrate: true, depths: [8, 10], minSide: 64 },
  prores: { maxQuality: null, quality: 0, hasBitrate: false, depths: [10], minSide: 64 },
};

/** Bits per second of `8M` or `800k`; `null` for what is none. */
export function readBitrate(text: string): number | null {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)([kM])$/.exec(text);
  return match === null ? null : Math.round(Number(match[1]) * (match[2] === 'k' ? 1000 : 1_000_000));
}

/**
 * The encoding that somebody wrote; absent when the film's segments are taken as they are, which are H.264 of 8 bits.
 */
export function normalEncoding({
  codec = 'h264',
  depth,
  quality,
  bitrate,
}: WrittenEncoding): VideoEncoding | undefined {
  const limits = codecLimits[codec];
  const bits = depth ?? limits.depths[0] ?? 8;
  if (codec === 'h264' && bits === 8 && quality === undefined && bitrate === undefined) return undefined;
  return encodingOf({ codec, depth: bits, quality, bitrate });
}

/** An encoding with all that was not said. */
export function encodingOf({ codec = 'h264', depth, quality, bitrate }: WrittenEncoding): VideoEncoding {
  const limits = codecLimits[codec];
  const bits = bitrate === undefined ? null : readBitrate(bitrate);
  const rate =
    limits.maxQuality === null ? {} : bits === null ? { quality: quality ?? limits.quality } : { bitrate: bits };
  return { codec, depth: depth ?? limits.depths[0] ?? 8, ...rate };
}
