import {
  AV_CODEC_ID_NONE,
  AV_PKT_DATA_DISPLAYMATRIX,
  AV_PKT_DATA_ENCRYPTION_INIT_INFO,
  AVCOL_PRI_BT2020,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT470BG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_FCC,
  AVCOL_SPC_RGB,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_SMPTE240M,
  AVCOL_SPC_UNSPECIFIED,
  AVCOL_TRC_ARIB_STD_B67,
  AVCOL_TRC_LINEAR,
  AVCOL_TRC_SMPTE2084,
} from 'node-av/constants';
import type { AVColorSpace } from 'node-av/constants';
import { Codec } from 'node-av/lib';
import type { FormatContext, Stream } from 'node-av/lib';

/** How a picture is turned to stand upright: FFmpeg's transposes, in words. */
export const turns = [
  'none',
  'clockwise',
  'counter-clockwise',
  'upside-down',
  'mirrored',
  'flipped',
  'mirrored-clockwise',
  'mirrored-counter-clockwise',
] as const;

/** How a picture is turned to stand upright. */
export type Turn = (typeof turns)[number];

/** Frames per second as a fraction. */
export interface FootageRate {
  readonly num: number;
  readonly den: number;
}

/** What the header of a file of footage says of its pictures. */
export interface FootageHeader {
  /** FFmpeg's name of the format, `mov,mp4,m4a,3gp,3g2,mj2`. */
  readonly format: string;
  /** FFmpeg's name of the codec, `hevc`. */
  readonly codec: string;
  /** As coded, pixels; before it is turned. */
  readonly width: number;
  readonly height: number;
  /** Width of a pixel, of its height. */
  readonly pixelAspect: number;
  /** `null` for an angle that is no multiple of 90 degrees. */
  readonly turn: Turn | null;
  /** Why its colours cannot be shown on a screen of BT.709; `null` when they can. */
  readonly beyondBt709: string | null;
  /** Matrix and range by which its colours are read. */
  readonly matrix: AVColorSpace;
  readonly fullRange: boolean;
  /** What the file says of its rate; `null` when it says nothing of use. */
  readonly rate: FootageRate | null;
  /** Seconds; `null` when it does not say. */
  readonly seconds: number | null;
  readonly hasSound: boolean;
  readonly isEncrypted: boolean;
}

/** Reads what a container says of its video stream. */
export function footageHeader(format: FormatContext, stream: Stream, hasSound: boolean): FootageHeader {
  const { codecpar } = stream;
  const { width, height, codecId, sampleAspectRatio: sar } = codecpar;
  const aspect = sar.num > 0 && sar.den > 0 ? sar.num / sar.den : 1;
  return {
    format: format.iformat?.name ?? 'unknown',
    codec: codecId === AV_CODEC_ID_NONE ? 'unknown' : (Codec.findDecoder(codecId)?.name ?? 'unknown'),
    width,
    height,
    // A ratio that no camera has is a broken header.
    pixelAspect: aspect >= 0.1 && aspect <= 10 ? aspect : 1,
    turn: turnOf(codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX)),
    beyondBt709: beyondBt709(stream),
    matrix: matrixOf(codecpar.colorSpace, height),
    fullRange: codecpar.colorRange === AVCOL_RANGE_JPEG,
    rate: rateOf(stream),
    seconds: secondsOf(format, stream, hasSound),
    hasSound,
    isEncrypted: isEncrypted(stream),
  };
}

/** The turn that a display matrix asks for; its numbers are 16.16, rows of three. */
export function turnOf(matrix: Uint8Array | null): Turn | null {
  if (matrix === null || matrix.length < 36) return 'none';
  const view = new DataView(matrix.buffer, matrix.byteOffset, matrix.byteLength);
  const signs = [0, 1, 3, 4].map((place) => Math.sign(view.getInt32(4 * place, true)));
  return turnsByMatrix[signs.join()] ?? null;
}

/** Signs of a, b, c, d: a picture's right goes to (a, b), its lower side to (c, d). */
const turnsByMatrix: Readonly<Record<string, Turn>> = {
  '1,0,0,1': 'none',
  '0,1,-1,0': 'clockwise',
  '0,-1,1,0': 'counter-clockwise',
  '-1,0,0,-1': 'upside-down',
  '-1,0,0,1': 'mirrored',
  '1,0,0,-1': 'flipped',
  '0,-1,-1,0': 'mirrored-clockwise',
  '0,1,1,0': 'mirrored-counter-clockwise',
};

function beyondBt709({ codecpar }: Stream): string | null {
  if (codecpar.colorTrc === AVCOL_TRC_SMPTE2084) return 'HDR (PQ)';
  if (codecpar.colorTrc === AVCOL_TRC_ARIB_STD_B67) return 'HDR (HLG)';
  if (codecpar.colorTrc === AVCOL_TRC_LINEAR) return 'linear light';
  if (codecpar.colorPrimaries === AVCOL_PRI_BT2020) return 'wide gamut (BT.2020)';
  return knownMatrices.has(codecpar.colorSpace) ? null : `a colour matrix of another kind (${codecpar.colorSpace})`;
}

const knownMatrices: ReadonlySet<AVColorSpace> = new Set([
  AVCOL_SPC_UNSPECIFIED,
  AVCOL_SPC_RGB,
  AVCOL_SPC_BT709,
  AVCOL_SPC_BT470BG,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_SMPTE240M,
  AVCOL_SPC_FCC,
]);

/** Lines from which on a picture that does not say is high definition, as every player takes it. */
const highDefinition = 720;

function matrixOf(said: AVColorSpace, height: number): AVColorSpace {
  if (said !== AVCOL_SPC_UNSPECIFIED) return said;
  return height >= highDefinition ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
}

/** Rates that a camera or a programme may have. */
const [leastRate, mostRate] = [0.5, 240];

function rateOf({ avgFrameRate, rFrameRate }: Stream): FootageRate | null {
  const isRate = ({ num, den }: FootageRate): boolean => den > 0 && num / den >= leastRate && num / den <= mostRate;
  const found = [avgFrameRate, rFrameRate].find(isRate);
  return found === undefined ? null : { num: found.num, den: found.den };
}

function secondsOf(format: FormatContext, stream: Stream, hasSound: boolean): number | null {
  const { num, den } = stream.timeBase;
  if (stream.duration > 0n) return (Number(stream.duration) * num) / den;
  // Of a whole file, of which the sound may be the longer part.
  return format.duration > 0n && !hasSound ? Number(format.duration) / 1e6 : null;
}

/** `encv`: what a sample description is called when it is encrypted. */
const encryptedTag = 0x76636e65;

function isEncrypted({ codecpar }: Stream): boolean {
  const tag = codecpar.codecTag;
  return tag === encryptedTag || codecpar.getCodedSideData(AV_PKT_DATA_ENCRYPTION_INIT_INFO) !== null;
}
