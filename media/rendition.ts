import {
  AV_PIX_FMT_YUV420P,
  AVCHROMA_LOC_CENTER,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  type AVPixelFormat,
} from 'node-av/constants';
import { type Frame, SoftwareScaleContext } from 'node-av/lib';

import { layOver, overlayOf, type RgbaPicture } from './blend.ts';
import { type Encoding, encoderChoice } from './encodings.ts';
import { checked } from './ffmpeg.ts';
import { type FramePart, onCanvas, type PictureSize } from './frame-part.ts';
import { recode } from './recode.ts';
import { copyPlanes, type Yuv420Frame } from './segment-encoder.ts';
import { blankVideoFrame, openVideoEncoder } from './video-encoder.ts';

/** A segment in another size, shape or codec. */
export interface RenditionOptions {
  /** Frames that the segment must have. */
  readonly frames: number;
  /** Size to make, pixels, even. */
  readonly width: number;
  readonly height: number;
  readonly encoding: Encoding;
  /** The part of a frame that is shown, in even pixels; it has the shape of `place`. */
  readonly partOf: (frame: number, whole: PictureSize) => FramePart;
  /** Where that part lies in the picture; the rest is black. */
  readonly place: (whole: PictureSize) => FramePart;
  /** Pictures of the size to make, each over the frames `from … until−1`. */
  readonly overlays: readonly { readonly from: number; readonly until: number; readonly picture: RgbaPicture }[];
  /** Called before each frame; throw in it to stop. */
  readonly onFrame: (done: number) => Promise<void> | void;
}

/**
 * Makes a segment anew in another size, shape or codec, with words over it. No model works: frames are decoded, cut, scaled by Lanczos,
 * and encoded. One frame of each kind is in memory.
 * @throws PipelineError `MEDIA_FAILED` with the file of a segment that is damaged or of another length; `RESOURCE_DISK`.
 */
export async function makeRendition(segment: string, output: string, options: RenditionOptions): Promise<void> {
  const { frames, width, height, encoding, onFrame } = options;
  const choice = encoderChoice(encoding);
  const desk = new Desk(options, choice.pixelFormat, segment);
  try {
    await recode(segment, {
      frames,
      open: ({ fps }) => openVideoEncoder({ file: output, width, height, fps, choice }),
      make: async (frame, index) => {
        await onFrame(index);
        return desk.finished(frame, index);
      },
    });
  } finally {
    desk.free();
  }
}

/** Where frames are cut, scaled and drawn on. */
class Desk {
  readonly #options: RenditionOptions;
  readonly #target: AVPixelFormat;
  readonly #file: string;
  readonly #layers: readonly { readonly from: number; readonly until: number; readonly overlay: Overlay }[];
  /** Frames by use, made once. */
  readonly #frames = new Map<string, Frame>();
  readonly #scaler = new SoftwareScaleContext();

  constructor(options: RenditionOptions, target: AVPixelFormat, file: string) {
    this.#options = options;
    this.#target = target;
    this.#file = file;
    this.#layers = options.overlays.flatMap(({ from, until, picture }) => {
      const overlay = overlayOf(picture);
      return overlay === null ? [] : [{ from, until, overlay }];
    });
    this.#scaler.allocContext();
    this.#scaler.setOption('sws_flags', 'lanczos+accurate_rnd+full_chroma_int+full_chroma_inp');
  }

  /** The frame as it is encoded, valid until the next one. */
  async finished(frame: Frame, index: number): Promise<Frame> {
    const { width, height, partOf, place } = this.#options;
    const whole = { width: frame.width, height: frame.height };
    const part = partOf(index, whole);
    const spot = place(whole);
    const shown = this.#cut(frame, part);
    const over = this.#layers.filter(({ from, until }) => index >= from && index < until);
    const isWhole = spot.width === width && spot.height === height;
    if (isWhole && over.length === 0) return this.#scaled(shown, { width, height }, this.#target, 'finished');
    const small = await this.#scaled(shown, spot, AV_PIX_FMT_YUV420P, 'small');
    const planes = onCanvas(planesOf(small), spot, { width, height });
    for (const { overlay } of over) layOver(planes, width, overlay);
    const drawn = this.#fill('drawn', planes, { width, height });
    return this.#scaled(drawn, { width, height }, this.#target, 'finished');
  }

  free(): void {
    for (const frame of this.#frames.values()) frame.free();
    this.#scaler.freeContext();
  }

  #cut(frame: Frame, part: FramePart): Frame {
    const { left, top, width, height } = part;
    if (left === 0 && top === 0 && width === frame.width && height === frame.height) return frame;
    return this.#fill('cut', planesOf(frame, part), { width, height });
  }

  #fill(use: string, planes: Yuv420Frame, size: PictureSize): Frame {
    const frame = this.#frame(use, size, AV_PIX_FMT_YUV420P);
    copyPlanes(planes, frame, { ...size, file: this.#file });
    return frame;
  }

  async #scaled(frame: Frame, size: PictureSize, format: AVPixelFormat, use: string): Promise<Frame> {
    if (frame.width === size.width && frame.height === size.height && frame.format === format) return frame;
    const target = this.#frame(use, size, format);
    checked(await this.#scaler.scaleFrame(target, frame), { doing: 'scaling a frame', file: this.#file });
    return target;
  }

  /** A frame to write into: the encoder may still hold what it was given before. */
  #frame(use: string, { width, height }: PictureSize, pixelFormat: AVPixelFormat): Frame {
    const frame = this.#frames.get(use) ?? blankVideoFrame({ width, height, pixelFormat }, this.#file);
    this.#frames.set(use, frame);
    checked(frame.makeWritable(), { doing: 'taking a frame', file: this.#file });
    frame.colorPrimaries = AVCOL_PRI_BT709;
    frame.colorTrc = AVCOL_TRC_BT709;
    frame.colorSpace = AVCOL_SPC_BT709;
    frame.colorRange = AVCOL_RANGE_MPEG;
    frame.chromaLocation = AVCHROMA_LOC_CENTER;
    return frame;
  }
}

type Overlay = NonNullable<ReturnType<typeof overlayOf>>;

/** A part of the planes of a decoded frame, packed, as a copy. */
export function planesOf(
  frame: Frame,
  { left, top, width, height }: FramePart = { left: 0, top: 0, width: frame.width, height: frame.height },
): Yuv420Frame {
  const packed = (index: number, scale: number): Uint8Array => {
    const [source, stride] = [frame.data?.[index], frame.linesize[index] ?? 0];
    const [columns, rows] = [width / scale, height / scale];
    const plane = new Uint8Array(columns * rows);
    for (let row = 0; row < rows; row += 1) {
      const begin = (top / scale + row) * stride + left / scale;
      if (source !== undefined) plane.set(source.subarray(begin, begin + columns), row * columns);
    }
    return plane;
  };
  return { y: packed(0, 1), u: packed(1, 2), v: packed(2, 2) };
}
