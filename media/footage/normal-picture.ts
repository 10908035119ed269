import {
  AV_PIX_FMT_YUV420P,
  AVCHROMA_LOC_CENTER,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_JPEG,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_SPC_RGB,
  AVCOL_TRC_BT709,
} from 'node-av/constants';
import type { AVPixelFormat } from 'node-av/constants';
import { avGetPixFmtName, Frame, SoftwareScaleContext } from 'node-av/lib';

import { checked } from '../ffmpeg.ts';
import type { PictureSize } from '../frame-part.ts';
import { planesOf } from '../rendition.ts';
import type { Yuv420Frame } from '../segment-encoder.ts';
import type { FootageHeader, Turn } from './footage-header.ts';

/** Brings the pictures of one file to upright planes of BT.709, 8 bits, limited range, square pixels and one size. */
export class NormalPictures {
  readonly #header: FootageHeader;
  readonly #size: PictureSize;
  readonly #scaler: SoftwareScaleContext;
  readonly #target: Frame;

  /** @param size What comes out, upright; even sides. */
  constructor(header: FootageHeader, size: PictureSize) {
    this.#header = header;
    this.#size = size;
    this.#scaler = new SoftwareScaleContext();
    this.#scaler.allocContext();
    // The same bytes on every machine; chroma at full resolution on its way.
    this.#scaler.setOption('sws_flags', 'lanczos+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact');
    this.#target = new Frame();
    this.#target.alloc();
    const { width, height } = swapsSides(header.turn) ? { width: size.height, height: size.width } : size;
    this.#target.width = width;
    this.#target.height = height;
    this.#target.format = AV_PIX_FMT_YUV420P;
    this.#target.colorRange = AVCOL_RANGE_MPEG;
    this.#target.colorSpace = AVCOL_SPC_BT709;
    this.#target.colorPrimaries = AVCOL_PRI_BT709;
    this.#target.colorTrc = AVCOL_TRC_BT709;
    this.#target.chromaLocation = AVCHROMA_LOC_CENTER;
    checked(this.#target.getBuffer(0), { doing: 'allocating a frame', file: 'footage' });
  }

  /** A decoded picture, as a copy. Of odd sides that are not scaled the last column or row is left out. @throws PipelineError `MEDIA_FAILED`. */
  async of(frame: Frame): Promise<Yuv420Frame> {
    const { width, height } = this.#target;
    if (frame.width === width + 1) frame.width = width;
    if (frame.height === height + 1) frame.height = height;
    // A palette or RGB has no matrix.
    if (frame.colorSpace !== AVCOL_SPC_RGB && isYuv(frame.format as AVPixelFormat))
      frame.colorSpace = this.#header.matrix;
    frame.colorRange = this.#header.fullRange ? AVCOL_RANGE_JPEG : frame.colorRange;
    // Primaries and transfer of a screen's: what is beyond it was refused, and the rest is too near to be told from it.
    frame.colorPrimaries = AVCOL_PRI_BT709;
    frame.colorTrc = AVCOL_TRC_BT709;
    checked(await this.#scaler.scaleFrame(this.#target, frame), { doing: 'scaling a frame', file: 'footage' });
    const { y, u, v } = planesOf(this.#target);
    const upright = (data: Uint8Array, scale: number): Uint8Array =>
      turned({ width: width / scale, height: height / scale, data }, this.#header.turn ?? 'none');
    return { y: upright(y, 1), u: upright(u, 2), v: upright(v, 2) };
  }

  /** Size of what comes out. */
  get size(): PictureSize {
    return this.#size;
  }

  /** Frees what it holds. */
  close(): void {
    this.#target.free();
    this.#scaler.freeContext();
  }
}

function isYuv(format: AVPixelFormat): boolean {
  return /^(yuv|nv|p0|p2|y2|gray|ya|uyvy|yvyu|v30|xv|ayuv|vuy)/.test(avGetPixFmtName(format) ?? '');
}

/** Whether a picture stands on its side. */
export function swapsSides(turn: Turn | null): boolean {
  return turn?.endsWith('clockwise') === true;
}

/** Rows of bytes, packed. */
interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A plane, turned upright. */
export function turned({ width, height, data }: Plane, turn: Turn): Uint8Array {
  if (turn === 'none') return data;
  const to = new Uint8Array(data.length);
  const [wide, high] = swapsSides(turn) ? [height, width] : [width, height];
  const from = sourceOf(turn, width, height);
  let place = 0;
  for (let row = 0; row < high; row += 1) {
    for (let column = 0; column < wide; column += 1) to[place++] = data[from(column, row)]!;
  }
  return to;
}

/** Where in a plane of `width` and `height` the value of a place in the upright one lies. */
function sourceOf(turn: Turn, width: number, height: number): (column: number, row: number) => number {
  const [right, low] = [width - 1, height - 1];
  switch (turn) {
    case 'clockwise':
      return (column, row) => (low - column) * width + row;
    case 'counter-clockwise':
      return (column, row) => column * width + right - row;
    case 'upside-down':
      return (column, row) => (low - row) * width + right - column;
    case 'mirrored':
      return (column, row) => row * width + right - column;
    case 'flipped':
      return (column, row) => (low - row) * width + column;
    case 'mirrored-clockwise':
      return (column, row) => (low - column) * width + right - row;
    case 'mirrored-counter-clockwise':
      return (column, row) => column * width + row;
    case 'none':
      return (column, row) => row * width + column;
  }
}
