import { describe, expect, test } from '@jest/globals';
import type { RgbFrames } from './frame-file.ts';
import { fadeThroughBlack, wipe, type WipeWay } from './wipe.ts';

const clip = (count: number, value: number, width = 40, height = 20): RgbFrames => ({
  count,
  width,
  height,
  data: new Uint8Array(count * 3 * width * height).fill(value),
});
const frameOf = ({ width, height }: RgbFrames, data: Uint8Array, frame: number): Uint8Array =>
  data.subarray(frame * 3 * width * height, (frame + 1) * 3 * width * height);

describe('a fade', () => {
  test('goes to black and comes from black in equal steps, black in the middle', () => {
    const faded = fadeThroughBlack(clip(4, 200), clip(3, 90));
    const lights = Array.from({ length: 7 }, (_, frame) => frameOf(clip(1, 0), faded, frame)[0]);
    expect(lights).toEqual([150, 100, 50, 0, 0, 30, 60]);
  });

  test('of one frame each is two black ones', () => {
    expect(Math.max(...fadeThroughBlack(clip(1, 200), clip(1, 90)))).toBe(0);
  });
});

describe('a wipe', () => {
  test.each<[WipeWay, (x: number, y: number) => number]>([
    ['right', (x) => x],
    ['left', (x) => 39 - x],
    ['down', (_, y) => 2 * y],
    ['up', (_, y) => 2 * (19 - y)],
  ])('%s brings the second clip from there', (way, wayOf) => {
    const [a, b] = [clip(9, 10), clip(9, 250)];
    const data = wipe(a, b, way);
    for (let frame = 0; frame < 9; frame += 1) {
      const shown = frameOf(a, data, frame);
      const at = (x: number, y: number): number => shown[y * 40 + x]!;
      for (let y = 0; y < 20; y += 1) {
        for (let x = 0; x < 40; x += 1) {
          const place = wayOf(x, y);
          const edge = 40 * ((frame + 1) / 10);
          // Beside the soft edge it is one clip or the other.
          if (place < edge - 4.5) expect(at(x, y)).toBe(250);
          if (place > edge + 4.5) expect(at(x, y)).toBe(10);
        }
      }
    }
    // Each frame has more of the second clip than the one before.
    const shares = Array.from(
      { length: 9 },
      (_, frame) => frameOf(a, data, frame).filter((value) => value > 130).length,
    );
    expect(shares.every((share, index) => index === 0 || share > shares[index - 1]!)).toBe(true);
  });

  test('of clips of two sizes is refused', () => {
    expect(() => wipe(clip(2, 1), clip(2, 1, 20), 'up')).toThrow(RangeError);
  });
});
