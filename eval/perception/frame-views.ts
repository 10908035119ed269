/**
 * Frames as the published models of VBench are shown them. Vchitect/VBench @45e79ec, `vbench/utils.py` (`dino_transform`,
 * `clip_transform`), `vbench/imaging_quality.py`, `vbench/dynamic_degree.py`; chaofengc/IQA-PyTorch @01ae427,
 * `pyiqa/data/multiscale_trans_util.py`; princeton-vl/RAFT @2888e15, `core/utils/utils.py`.
 *
 * Frames are resized as bytes, without antialiasing, and become bytes again, halves to even. Where we differ: shares of pixels are
 * computed in float64, so a pixel halfway between two bytes may become the other one.
 */
import type { RgbFrames } from '../../media/frame-file.ts';
import { resizePlane, type ResizeKernel } from '../../tensor/resize.ts';
import type { GraphTensor } from '../../engine/graph.ts';
import { imagingSize } from '../formulas/imaging-quality.ts';
import { roundHalfEven } from '../../tensor/round-half-even.ts';
import type { Size } from './model-frames.ts';

// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { ceil, max, min, trunc } = Math;

type Float32GraphTensor = Extract<GraphTensor, { type: 'float32' }>;

/** A shorter side of so many pixels; `square` cuts frames to their middle. */
export interface ShorterView {
  readonly shorter: number;
  readonly filter: ResizeKernel;
  readonly square?: boolean | undefined;
}

/** Frames as they are judged, then with a longer side of `small` and of `large` pixels, each filled up to whole patches. */
export interface ImagingView {
  readonly small: number;
  readonly large: number;
  readonly patch: number;
}

/** One frame: three planes of numbers. */
interface Picture extends Size {
  readonly planes: readonly ArrayLike<number>[];
}

/** Some frames `[frames, 3, height, width]` in −1…1, as models of features take them. */
export function shorterView(frames: RgbFrames, which: readonly number[], view: ShorterView): Float32GraphTensor {
  const [short, long] = [min(frames.width, frames.height), max(frames.width, frames.height)];
  const longer = trunc((view.shorter * long) / short);
  const size =
    frames.width <= frames.height ? { width: view.shorter, height: longer } : { width: longer, height: view.shorter };
  const pictures = which.map((frame) => {
    const resized = resizedBytes(pictureOf(frames, frame), size, view.filter);
    return view.square === true ? middleOf(resized, view.shorter) : resized;
  });
  return tensorOf(pictures.map(levelled));
}

/** Some frames at the three sizes that a model of image quality takes them at, in −1…1. */
export function imagingViews(
  frames: RgbFrames,
  which: readonly number[],
  view: ImagingView,
): Readonly<Record<'frames' | 'small' | 'large', Float32GraphTensor>> {
  const size = imagingSize(frames);
  const whole = which.map((frame) => levelled(resizedBytes(pictureOf(frames, frame), size, 'bilinear')));
  const at = (longer: number): Float32GraphTensor => {
    const ratio = longer / max(size.width, size.height);
    const to = { width: roundHalfEven(size.width * ratio), height: roundHalfEven(size.height * ratio) };
    return tensorOf(whole.map((picture) => filledUp(resized(picture, to, 'bicubic'), view.patch, 'grey')));
  };
  return {
    frames: tensorOf(whole.map((picture) => filledUp(picture, view.patch, 'grey'))),
    small: at(view.small),
    large: at(view.large),
  };
}

/** A whole frame `[1, 3, height, width]` in −1…1, its border repeated up to sides that are multiples. */
export function flowView(
  frames: RgbFrames,
  frame: number,
  { multiple }: { readonly multiple: number },
): Float32GraphTensor {
  return tensorOf([filledUp(levelled(pictureOf(frames, frame)), multiple, 'border')]);
}

function pictureOf({ width, height, data }: RgbFrames, frame: number): Picture {
  const size = width * height;
  const plane = (channel: number): Uint8Array =>
    data.subarray((3 * frame + channel) * size, (3 * frame + channel + 1) * size);
  return { width, height, planes: [plane(0), plane(1), plane(2)] };
}

function resized(picture: Picture, { width, height }: Size, filter: ResizeKernel): Picture {
  const planes = picture.planes.map((data) => resizePlane({ ...sizeOf(picture), data }, width, height, filter));
  return { width, height, planes };
}

function resizedBytes(picture: Picture, size: Size, filter: ResizeKernel): Picture {
  if (picture.width === size.width && picture.height === size.height) return picture;
  const { planes } = resized(picture, size, filter);
  return { ...size, planes: planes.map((plane) => Uint8ClampedArray.from(plane, roundHalfEven)) };
}

/** Bytes to −1…1. */
function levelled(picture: Picture): Picture {
  return { ...picture, planes: picture.planes.map((plane) => Float32Array.from(plane, (byte) => byte / 127.5 - 1)) };
}

function middleOf(picture: Picture, side: number): Picture {
  const [left, top] = [roundHalfEven((picture.width - side) / 2), roundHalfEven((picture.height - side) / 2)];
  return windowOf(picture, { left, top, width: side, height: side }, 'border');
}

/** Sides that are multiples; what is missing is shared out, the odd pixel to the right and below. */
function filledUp(picture: Picture, multiple: number, filling: Filling): Picture {
  const [width, height] = [picture.width, picture.height].map((side) => ceil(side / multiple) * multiple) as [
    number,
    number,
  ];
  const [left, top] = [(width - picture.width) >> 1, (height - picture.height) >> 1];
  return windowOf(picture, { left: -left, top: -top, width, height }, filling);
}

/** What lies outside a picture: 0, which is grey, or its outermost pixels. */
type Filling = 'grey' | 'border';

function windowOf(
  picture: Picture,
  { left, top, width, height }: Size & { readonly left: number; readonly top: number },
  filling: Filling,
): Picture {
  const [lastX, lastY] = [picture.width - 1, picture.height - 1];
  const planes = picture.planes.map((plane) => {
    const made = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      const row = min(max(y + top, 0), lastY);
      for (let x = 0; x < width; x++) {
        const column = min(max(x + left, 0), lastX);
        const isInside = row === y + top && column === x + left;
        if (isInside || filling === 'border') made[y * width + x] = plane[row * picture.width + column]!;
      }
    }
    return made;
  });
  return { width, height, planes };
}

function tensorOf(pictures: readonly Picture[]): Float32GraphTensor {
  const [{ width, height }] = pictures as [Picture];
  const data = new Float32Array(pictures.length * 3 * width * height);
  for (const [index, plane] of pictures.flatMap(({ planes }) => planes).entries())
    data.set(plane, index * width * height);
  return { type: 'float32', shape: [pictures.length, 3, height, width], data };
}

const sizeOf = ({ width, height }: Size): Size => ({ width, height });
