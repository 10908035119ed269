import type { RgbFrames } from '../../media/frame-file.ts';

/** A clip that is different everywhere and in each frame, by the rule of `modeling/goldens/look_goldens.py`. */
export function patternClip(count: number, width: number, height: number): RgbFrames {
  const data = new Uint8Array(count * 3 * height * width);
  let at = 0;
  for (let frame = 0; frame < count; frame++) {
    for (let channel = 0; channel < 3; channel++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const value = x * (y + 3 * frame) + 5 * x * x + 90 * channel + 11 * y * frame;
          data[at++] = Math.floor(value / 16) % 256;
        }
      }
    }
  }
  return { count, width, height, data };
}
