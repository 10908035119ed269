import { frameToYuv } from './frames-to-yuv.ts';
import type { Yuv420Frame } from './segment-encoder.ts';

/** A picture with transparency: rows of red, green, blue, alpha, packed; colours are not multiplied by alpha. */
export interface RgbaPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** What lies over a frame, in the planes of an encoder, as far as it is to be seen. */
export interface Overlay {
  /** Place in the frame and size, pixels, even. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly planes: Yuv420Frame;
  /** 0 … 255, for each pixel and for each pixel of chroma. */
  readonly alpha: Uint8Array;
  readonly chromaAlpha: Uint8Array;
}

/** Black in the planes of an encoder: BT.709, limited range. */
const black = { luma: 16, chroma: 128 };

/** A picture as it lies over frames of its size; `null` when nothing of it is to be seen. */
export function overlayOf(picture: RgbaPicture): Overlay | null {
  const box = seenPart(picture);
  if (box === null) return null;
  const { left, top, width, height } = box;
  const area = width * height;
  const rgb = new Uint8Array(3 * area);
  const alpha = new Uint8Array(area);
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const [from, to] = [4 * ((top + row) * picture.width + left + column), row * width + column];
      for (let colour = 0; colour < 3; colour += 1) rgb[colour * area + to] = picture.data[from + colour]!;
      alpha[to] = picture.data[from + 3]!;
    }
  }
  const chromaAlpha = Uint8Array.from({ length: area / 4 }, (_, index) => {
    const at = 2 * Math.floor(index / (width / 2)) * width + 2 * (index % (width / 2));
    return (alpha[at]! + alpha[at + 1]! + alpha[at + width]! + alpha[at + width + 1]! + 2) >> 2;
  });
  return { ...box, planes: frameToYuv(rgb, width, height), alpha, chromaAlpha };
}

/** Lays an overlay over the planes of a frame, in place. */
export function layOver(frame: Yuv420Frame, frameWidth: number, overlay: Overlay): void {
  const { left, top, width, height, planes, alpha, chromaAlpha } = overlay;
  const whole = { left, top, width, height, stride: frameWidth };
  const half = { left: left / 2, top: top / 2, width: width / 2, height: height / 2, stride: frameWidth / 2 };
  mix(frame.y, planes.y, alpha, whole);
  mix(frame.u, planes.u, chromaAlpha, half);
  mix(frame.v, planes.v, chromaAlpha, half);
}

interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly stride: number;
}

function mix(
  onto: Uint8Array,
  plane: Uint8Array,
  alpha: Uint8Array,
  { left, top, width, height, stride }: Place,
): void {
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const [from, to] = [row * width + column, (top + row) * stride + left + column];
      const share = alpha[from]!;
      if (share > 0) onto[to] = Math.round((onto[to]! * (255 - share) + plane[from]! * share) / 255);
    }
  }
}

/** A picture on a colour, `#rrggbb`. */
export function overColour({ width, height, data }: RgbaPicture, colour: string): Yuv420Frame {
  const area = width * height;
  const ground = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const rgb = new Uint8Array(3 * area);
  for (let pixel = 0; pixel < area; pixel += 1) {
    const share = data[4 * pixel + 3]!;
    ground.forEach((value, index) => {
      rgb[index * area + pixel] = Math.round((value * (255 - share) + data[4 * pixel + index]! * share) / 255);
    });
  }
  return frameToYuv(rgb, width, height);
}

/** A frame that is nearer to black: `light` 1 leaves it as it is, 0 is black. */
export function towardsBlack(frame: Yuv420Frame, light: number): Yuv420Frame {
  if (light >= 1) return frame;
  const table = (ground: number): Uint8Array =>
    Uint8Array.from({ length: 256 }, (_, value) => Math.round(ground + (value - ground) * light));
  const [luma, chroma] = [table(black.luma), table(black.chroma)];
  return {
    y: frame.y.map((value) => luma[value]!),
    u: frame.u.map((value) => chroma[value]!),
    v: frame.v.map((value) => chroma[value]!),
  };
}

/** The smallest part of a picture, of even place and size, beside which nothing is to be seen. */
function seenPart({ width, height, data }: RgbaPicture): Pick<Overlay, 'left' | 'top' | 'width' | 'height'> | null {
  let [left, right, top, bottom] = [width, -1, height, -1];
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      if (data[4 * (row * width + column) + 3] === 0) continue;
      left = Math.min(left, column);
      right = Math.max(right, column);
      top = Math.min(top, row);
      bottom = Math.max(bottom, row);
    }
  }
  if (right < 0) return null;
  const [x, y] = [left - (left % 2), top - (top % 2)];
  return {
    left: x,
    top: y,
    width: right - x + 1 + ((right - x + 1) % 2),
    height: bottom - y + 1 + ((bottom - y + 1) % 2),
  };
}
