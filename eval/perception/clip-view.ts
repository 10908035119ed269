import type { RgbFrames } from '../../media/frame-file.ts';
import type { GraphTensor } from '../../engine/graph.ts';
import { type ShorterView, shorterView } from './frame-views.ts';
import { greyPlane, halvePlane, type GreyPlane } from './grey-plane.ts';
import { modelFrames, type Size } from './model-frames.ts';

/** Frames as several models look at them: what more than one of them needs is made once, when the first one asks. */
export class ClipView {
  readonly frames: RgbFrames;
  readonly #grey = new Map<number, GreyPlane>();
  readonly #quarter = new Map<number, GreyPlane>();
  readonly #inputs = new Map<string, GraphTensor>();

  constructor(frames: RgbFrames) {
    this.frames = frames;
  }

  /** Luma of a frame, 0 … 255; see `greyPlane`. */
  grey(frame: number): GreyPlane {
    return made(this.#grey, frame, () => greyPlane(this.frames, frame));
  }

  /** Luma of a frame at a quarter of its width and height. */
  quarter(frame: number): GreyPlane {
    return made(this.#quarter, frame, () => halvePlane(halvePlane(this.grey(frame))));
  }

  /** Some frames as models of that size take them; see `modelFrames`. Models share it, so none may write into it. */
  input(which: readonly number[], size: Size): GraphTensor {
    return made(this.#inputs, `${size.width}x${size.height} ${which.join()}`, () =>
      modelFrames(this.frames, which, size),
    );
  }

  /** Some frames as published models of features take them; see `shorterView`. Shared as by `input`. */
  shorter(which: readonly number[], view: ShorterView): GraphTensor {
    const { shorter, filter, square = false } = view;
    return made(this.#inputs, `${String(shorter)} ${filter} ${String(square)} ${which.join()}`, () =>
      shorterView(this.frames, which, view),
    );
  }
}

function made<Key, Value>(all: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = all.get(key) ?? make();
  all.set(key, found);
  return found;
}
