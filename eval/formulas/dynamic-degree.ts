/**
 * Dynamic degree: whether anything in a video moves; the share of moving videos is the score of a set.
 *
 * VBench, arXiv:2311.17982, §4.1; Vchitect/VBench @45e79ec, `vbench/dynamic_degree.py`.
 *
 *   frames at about 8 per second: every max(1, round(fps / 8))-th
 *   r_i   mean of the strongest 5 % of the optical flow from sampled frame i to i+1 (published: RAFT-things), pixels
 *   pair i moves when r_i > 6 · min(height, width) / 256;  the video moves when at least round(4 n / 16) pairs of n frames do
 *
 * Rounding is Python's, halves to even. The check for enough pairs comes after each pair, as in the reference, so a video of
 * two frames, for which round(8/16) = 0, moves whatever it shows.
 */
import { type FlowField, strongestFlow } from './flow-field.ts';
import { roundHalfEven } from '../../tensor/round-half-even.ts';
import type { VideoScore } from './video-score.ts';

/** Which frames of a video are compared. */
export function dynamicFrames(numFrames: number, fps: number): readonly number[] {
  const interval = Math.max(1, roundHalfEven(fps / 8));
  return Array.from({ length: Math.ceil(numFrames / interval) }, (_, index) => index * interval);
}

/** Flow strength of one pair of frames, pixels. */
export const dynamicFlow = (flow: FlowField): number => strongestFlow(flow, 0.05);

/**
 * Whether a video moves, 1 or 0; `null` for fewer than two sampled frames.
 *
 * @param strengths - `dynamicFlow` of each pair of neighbouring sampled frames.
 * @param size - Size of the frames, pixels.
 */
export function dynamicDegree(
  strengths: readonly number[],
  size: { readonly width: number; readonly height: number },
): VideoScore | null {
  if (strengths.length === 0) return null;
  const threshold = (6 * Math.min(size.width, size.height)) / 256;
  const needed = roundHalfEven((4 * (strengths.length + 1)) / 16);
  const moving = strengths.filter((strength) => strength > threshold).length;
  return { score: moving >= needed ? 1 : 0, weight: 1 };
}
