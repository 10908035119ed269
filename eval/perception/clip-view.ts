import type { RgbFrames } from '../../media/frame-file.ts';
import { greyPlane, halvePlane, type Plane } from './grey-plane.ts';

/** Frames as several models look at them: what more than one of them needs is made once, when the first one asks. */
export class ClipView {
  readonly frames: RgbFrames;
  readonly #grey = new Map<number, Plane>();
  readonly #quarter = new Map<number, Plane>();

  constructor(frames: RgbFrames) {
    this.frames = frames;
  }

  /** Luma of a frame, 0 … 255; see `greyPlane`. */
  grey(frame: number): Plane {
    return made(this.#grey, frame, () => greyPlane(this.frames, frame));
  }

  /** Luma of a frame at a quarter of its width and height. */
  quarter(frame: number): Plane {
    return made(this.#quarter, frame, () => halvePlane(halvePlane(this.grey(frame))));
  }
}

function made(planes: Map<number, Plane>, frame: number, make: () => Plane): Plane {
  const found = planes.get(frame) ?? make();
  planes.set(frame, found);
  return found;
}
