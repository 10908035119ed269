/**
 * Which videos stand still enough to be asked whether they flicker.
 *
 * Vchitect/VBench @45e79ec, `static_filter.py`. All frames are used; after the n−1 pairs of neighbours come two more, first
 * to last and last to first.
 *
 *   r_i   mean of the strongest 2 % of the optical flow of pair i, pixels;  τ = 3 · min(height, width) / 256
 *   k = round(2 n / 16) for n frames;  static when at most k pairs of neighbours have r_i > τ, and neither of the last two
 *   has r_i > 2 k τ
 */
import { type FlowField, strongestFlow } from './flow-field.ts';
import { roundHalfEven } from '../../tensor/round-half-even.ts';

/** The pairs of frames that the filter looks at. */
export function staticPairs(numFrames: number): readonly (readonly [from: number, to: number])[] {
  const last = numFrames - 1;
  const neighbours = Array.from({ length: Math.max(0, last) }, (_, index) => [index, index + 1] as const);
  return [...neighbours, [0, last], [last, 0]];
}

/** Flow strength of one pair of frames, pixels. */
export const staticFlow = (flow: FlowField): number => strongestFlow(flow, 0.02);

/** Whether a video is static, from `staticFlow` of each of its `staticPairs`. */
export function isStatic(
  strengths: readonly number[],
  size: { readonly width: number; readonly height: number },
): boolean {
  const threshold = (3 * Math.min(size.width, size.height)) / 256;
  const allowed = roundHalfEven((2 * (strengths.length - 1)) / 16);
  const neighbours = strengths.slice(0, -2);
  return (
    neighbours.filter((strength) => strength > threshold).length <= allowed &&
    strengths.slice(-2).every((strength) => strength <= threshold * allowed * 2)
  );
}
