import type { RgbFrames } from '../../media/frame-file.ts';

/** Size of the clips that the pocket models make. */
const [width, height] = [256, 144];

/** Frames as an enhancer gets them: a ball that moves over sky and ground. For measurements that what is shown does not matter to. */
export function paintedClip(count: number): RgbFrames {
  const plane = width * height;
  const data = new Uint8Array(count * 3 * plane);
  for (let frame = 0; frame < count; frame++) {
    const [x, y] = [40 + ((2 * frame) % 180), 80];
    for (let point = 0; point < plane; point++) {
      const [column, row] = [point % width, Math.floor(point / width)];
      const isBall = (column - x) ** 2 + (row - y) ** 2 < 400;
      const colour = isBall ? [205, 45, 35] : row < 90 ? [120, 170 - row / 2, 230 - row / 2] : [90, 150, 70];
      for (const [channel, value] of colour.entries()) data[(frame * 3 + channel) * plane + point] = value;
    }
  }
  return { count, width, height, data };
}
