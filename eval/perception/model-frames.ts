import type { RgbFrames } from '../../media/frame-file.ts';
import { resamplePlane } from '../../tensor/resample.ts';
import type { GraphTensor } from '../../engine/graph.ts';

/** A size in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What bytes are for a model: −1 … 1. */
const levels = Float32Array.from({ length: 256 }, (_, byte) => byte / 127.5 - 1);

/** Some frames as a model takes them: `[frames, 3, height, width]` in −1 … 1, brought to the model's size. */
export function modelFrames(frames: RgbFrames, which: readonly number[], { width, height }: Size): GraphTensor {
  const whole = { left: 0, top: 0, width: frames.width, height: frames.height };
  const [from, to] = [frames.width * frames.height, width * height];
  const fits = frames.width === width && frames.height === height;
  const data = new Float32Array(which.length * 3 * to);
  which.forEach((frame, index) => {
    for (let channel = 0; channel < 3; channel++) {
      const start = (3 * frame + channel) * from;
      const plane = frames.data.subarray(start, start + from);
      const into = data.subarray((3 * index + channel) * to, (3 * index + channel + 1) * to);
      if (fits) for (let at = 0; at < to; at++) into[at] = levels[plane[at]!]!;
      else into.set(resamplePlane({ ...whole, data: plane }, whole, width, height).map((value) => value / 127.5 - 1));
    }
  });
  return { type: 'float32', shape: [which.length, 3, height, width], data };
}
