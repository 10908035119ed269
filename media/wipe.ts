import type { RgbFrames } from './frame-file.ts';

/** Where the edge of a wipe goes. */
export type WipeWay = 'right' | 'left' | 'down' | 'up';

/** The soft edge of a wipe, a share of its way: at a clip's size a hard one would be a row of steps in 4K. */
const softness = 0.08;

/**
 * The frames of the first clip become black, and those of the second come from black: the last frame of the one and the first of the
 * other are black. Bytes, rounded to the nearest: the same on any machine.
 */
export function fadeThroughBlack(a: RgbFrames, b: RgbFrames): Uint8Array {
  const faded = new Uint8Array(a.data.length + b.data.length);
  const dim = (clip: RgbFrames, at: number, lightOf: (frame: number) => number): void => {
    const frameBytes = clip.data.length / clip.count;
    for (let frame = 0; frame < clip.count; frame += 1) {
      // Whole numbers: light is a fraction of the number of frames.
      const light = lightOf(frame);
      const half = Math.floor(clip.count / 2);
      for (let byte = frame * frameBytes; byte < (frame + 1) * frameBytes; byte += 1) {
        faded[at + byte] = Math.floor((clip.data[byte]! * light + half) / clip.count);
      }
    }
  };
  dim(a, 0, (frame) => a.count - 1 - frame);
  dim(b, a.data.length, (frame) => frame);
  return faded;
}

/**
 * An edge goes over the picture and brings the second clip. Frame `k` of `count` has it at `(k + 1) / (count + 1)` of its way, so neither
 * end repeats a whole frame of its neighbour.
 * @param a - Last frames of the clip before, `[count, 3, H, W]`.
 * @param b - First frames of the clip after, as many and of the same size.
 */
export function wipe(a: RgbFrames, b: RgbFrames, way: WipeWay): Uint8Array {
  const { count, width, height } = a;
  if (a.data.length !== b.data.length) {
    throw new RangeError(
      `${String(a.data.length)} and ${String(b.data.length)} bytes are not as many frames of one size`,
    );
  }
  const data = new Uint8Array(a.data.length);
  for (let frame = 0; frame < count; frame += 1) {
    const shareAt = wipeShares(a, way, (frame + 1) / (count + 1));
    for (let row = 0; row < 3 * height; row += 1) {
      for (let column = 0; column < width; column += 1) {
        const share = shareAt(column, row % height);
        const byte = (frame * 3 * height + row) * width + column;
        data[byte] = (a.data[byte]! * (256 - share) + b.data[byte]! * share + 128) >> 8;
      }
    }
  }
  return data;
}

/**
 * How much of the second picture a place shows, in 256 parts, so that the mix is of whole numbers.
 * @param share - Of the way that the edge has gone.
 */
export function wipeShares(
  { width, height }: { readonly width: number; readonly height: number },
  way: WipeWay,
  share: number,
): (column: number, row: number) => number {
  const across = way === 'right' || way === 'left';
  const length = across ? width : height;
  const backwards = way === 'left' || way === 'up';
  const edge = share * (1 + softness) - softness;
  const shares = Array.from({ length }, (_, place) => {
    const at = ((backwards ? length - 1 - place : place) + 0.5) / length;
    return Math.round(256 * Math.min(1, Math.max(0, (edge + softness - at) / softness)));
  });
  return (column, row) => shares[across ? column : row] ?? 0;
}
