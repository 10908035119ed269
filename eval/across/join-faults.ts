/**
 * How a join looks beside the shots that it leads from and to. All numbers come from luma alone, so any film can be measured.
 *
 *   d_i   mean absolute difference of frames i and i + 1, bytes; u: its median in the frames of both shots beside the join
 *
 * | number | what it is | a good join |
 * | --- | --- | --- |
 * | `flash` | how far a frame is from the two frames beside it, beyond what those differ; share of 255 | near 0 |
 * | `duplicates` | share of steps d_i below u / 10 | 0, where the shots move |
 * | `jump` | largest d_i over u, or over the median d_i of the join where that is more | near 1 |
 * | `pace` | median d_i over u | near 1; below it things slow down |
 * | `dissolve` | how much better frames are told by a mix of both ends than by the nearer end alone | 1 for a cross-fade, near 0 where things move on |
 * | `sharpness` | slopes in the frames over those in the shots | near 1; below it is soft |
 */

/** A frame of luma, bytes. */
export interface LumaFrame {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** A join and what lies beside it, each in order. */
export interface JoinFrames {
  readonly before: readonly LumaFrame[];
  readonly join: readonly LumaFrame[];
  readonly after: readonly LumaFrame[];
}

/** What a join came to; see above. */
export interface JoinFaults {
  readonly flash: number;
  readonly duplicates: number;
  readonly jump: number;
  readonly pace: number;
  readonly dissolve: number;
  readonly sharpness: number;
}

/** Least of what counts as motion, bytes: noise of a codec is below it. */
const leastStep = 0.25;

/** Measures a join; `null` when it or what lies beside it has too few frames. */
export function joinFaults({ before, join, after }: JoinFrames): JoinFaults | null {
  const [first, last] = [before.at(-1), after[0]];
  if (first === undefined || last === undefined || join.length === 0 || before.length + after.length < 4) return null;
  const usual = Math.max(leastStep, median([...steps(before), ...steps(after)]));
  const within = steps([first, ...join, last]);
  const all = [...before.slice(-1), ...join, ...after.slice(0, 1)];
  return {
    flash: Math.max(0, ...join.map((_, index) => flashAt(all, index + 1))) / 255,
    duplicates: usual > leastStep ? within.filter((step) => step < usual / 10).length / within.length : 0,
    jump: Math.max(...within) / Math.max(usual, median(within)),
    pace: median(within) / usual,
    dissolve: mean(join.map((frame) => mixedness(frame, first, last))),
    sharpness: mean(join.map(slope)) / Math.max(1e-6, mean([...before, ...after].map(slope))),
  };
}

/** How far a frame is from both of its neighbours, beyond what those are apart; bytes. */
function flashAt(frames: readonly LumaFrame[], index: number): number {
  const [earlier, frame, later] = [frames[index - 1], frames[index], frames[index + 1]];
  if (earlier === undefined || frame === undefined || later === undefined) return 0;
  return Math.min(step(earlier, frame), step(frame, later)) - step(earlier, later);
}

/** 1 − residual of the best mix of two frames over that of the nearer one; 0 where the best mix is an end. */
function mixedness(frame: LumaFrame, first: LumaFrame, last: LumaFrame): number {
  let [across, along, toFirst, toLast] = [0, 0, 0, 0];
  for (const [at, value] of frame.data.entries()) {
    const [a, b] = [first.data[at] ?? 0, last.data[at] ?? 0];
    across += (b - a) ** 2;
    along += (value - a) * (b - a);
    toFirst += (value - a) ** 2;
    toLast += (value - b) ** 2;
  }
  const share = across === 0 ? 0 : along / across;
  const nearest = Math.min(toFirst, toLast);
  if (share <= 0 || share >= 1 || nearest === 0) return 0;
  return Math.min(1, Math.max(0, 1 - (toFirst - (along * along) / across) / nearest));
}

function slope({ width, height, data }: LumaFrame): number {
  let sum = 0;
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const at = y * width + x;
      const value = data[at] ?? 0;
      sum += Math.abs((data[at + 1] ?? 0) - value) + Math.abs((data[at + width] ?? 0) - value);
    }
  }
  return sum / Math.max(1, (width - 1) * (height - 1));
}

function steps(frames: readonly LumaFrame[]): number[] {
  return frames.slice(1).map((frame, index) => step(frames[index] ?? frame, frame));
}

function step(one: LumaFrame, two: LumaFrame): number {
  let sum = 0;
  for (const [at, value] of two.data.entries()) sum += Math.abs(value - (one.data[at] ?? 0));
  return sum / Math.max(1, two.data.length);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
