import { expect, test } from '@jest/globals';
import { frameToYuv } from './frames-to-yuv.ts';
import { yuvToFrame } from './yuv-to-frame.ts';

const there = (rgb: Uint8Array, width: number, height: number): Uint8Array => {
  const back = new Uint8Array(rgb.length);
  yuvToFrame(frameToYuv(rgb, width, height), width, height, back);
  return back;
};

test.each([
  [0, 0, 0],
  [255, 255, 255],
  [128, 128, 128],
  [200, 40, 40],
  [40, 180, 40],
  [40, 40, 200],
  [250, 200, 10],
])('a picture of the colour %d, %d, %d comes back within the rounding of 8 bits', (...colour) => {
  const rgb = Uint8Array.from({ length: 3 * 64 }, (_, index) => colour[Math.floor(index / 64)]!);
  there(rgb, 8, 8).forEach((value, index) => {
    expect(Math.abs(value - rgb[index]!)).toBeLessThanOrEqual(2);
  });
});

test('chroma goes evenly from one pair of pixels to the next, as its place between them says', () => {
  const planes = {
    y: new Uint8Array(16).fill(126),
    u: Uint8Array.of(128, 160, 128, 160),
    v: new Uint8Array(4).fill(128),
  };
  const rgb = new Uint8Array(48);
  yuvToFrame(planes, 4, 4, rgb);
  const blue = [0, 1, 2, 3].map((column) => rgb[32 + column]!);
  // A quarter of the step at the inner pixels: 0, 8, 24 and 32 of 32.
  const steps = blue.map((value) => (value - blue[0]!) / (blue[3]! - blue[0]!));
  [0, 0.25, 0.75, 1].forEach((share, index) => {
    expect(steps[index]).toBeCloseTo(share, 1);
  });
});
