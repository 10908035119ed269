import type { Yuv420Frame } from '../media/segment-encoder.ts';

/**
 * A picture like the pocket models make: flat sky and ground, soft-edged shapes that move, a little grain. Deterministic.
 * @param n - Frame number; shapes move two pixels (at 4K) a frame.
 */
export function cartoonFrame(width: number, height: number, n: number): Yuv420Frame {
  const y = new Uint8Array(width * height);
  const horizon = Math.floor(height * 0.62);
  const unit = width / 3840;
  const circles = [
    { x: width * 0.25 + n * 2 * unit, y: height * 0.35, r: height * 0.12, luma: 210 },
    { x: width * 0.7 - n * 3 * unit, y: height * 0.66, r: height * 0.16, luma: 60 },
    { x: width * 0.5 + n * unit, y: height * 0.8, r: height * 0.08, luma: 120 },
  ];
  for (let row = 0; row < height; row += 1) {
    const base = row < horizon ? 150 + (row * 40) / horizon : 90 + ((row - horizon) * 30) / (height - horizon);
    const line = y.subarray(row * width, (row + 1) * width);
    // A cheap hash as grain of one level, so that the encoder does not see perfectly flat blocks.
    for (let column = 0; column < width; column += 1) {
      line[column] = base + (((Math.imul(column + row * 131 + n * 977, 2654435761) >>> 30) & 3) === 0 ? 1 : 0);
    }
    for (const circle of circles) {
      const half = Math.sqrt(Math.max(0, circle.r ** 2 - (row - circle.y) ** 2));
      if (half > 0) line.fill(circle.luma, Math.max(0, circle.x - half), Math.min(width, Math.max(0, circle.x + half)));
    }
  }
  const chroma = (width / 2) * (height / 2);
  const split = Math.floor(chroma * 0.62);
  const u = new Uint8Array(chroma).fill(160, 0, split).fill(100, split);
  const v = new Uint8Array(chroma).fill(110, 0, split).fill(135, split);
  return { y, u, v };
}
