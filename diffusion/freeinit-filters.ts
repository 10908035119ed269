/**
 * Low-pass filters over time and space. T. Wu et al., "FreeInit: Bridging Initialization Gap in Video Diffusion Models",
 * 2023, arXiv:2312.07537, section 4.1. Reference: TianxingWu/FreeInit @410286d freeinit_utils.py.
 *
 * | here | paper and reference |
 * | --- | --- |
 * | `spatial`, `temporal` | d_s, d_t: normalised stop frequencies |
 * | `order` | n of the Butterworth filter |
 * | `distance` | d²: squared distance from frequency 0, time scaled by d_s / d_t |
 *
 * The reference's choices that its paper does not tell are kept: `ideal` passes d² ≤ 2 d_s, and `box` has the height's half
 * size on both sides. At odd sizes frequency 0 lies half a cell beside the middle of the distance.
 *
 * Where we differ: a box that is higher than the latents are wide ends at their edges; there the reference counts from the
 * other end. Float64; the reference rounds to float32.
 */
import { roundHalfEven } from '../tensor/round-half-even.ts';

/** The filters by name. */
export type LowPassKind = 'butterworth' | 'gaussian' | 'ideal' | 'box';

/** A low-pass filter. */
export interface LowPassFilter {
  readonly kind: LowPassKind;
  /** How steep a `butterworth` filter is; the others have none. */
  readonly order?: number;
  /** Stop frequencies as shares of the highest ones, 0 … 1; 0 lets nothing pass. */
  readonly spatial: number;
  readonly temporal: number;
}

/**
 * How much of each frequency passes, 0 … 1: `[F, h, w]` row-major, in the order of the transform, frequency 0 first.
 */
export function lowPass(filter: LowPassFilter, shape: readonly [number, number, number]): Float64Array {
  const [numFrames, height, width] = shape;
  const passes = new Float64Array(numFrames * height * width);
  if (filter.spatial === 0 || filter.temporal === 0) return passes;
  const gain = gainOf(filter, shape);
  let cell = 0;
  for (let frame = 0; frame < numFrames; frame++) {
    const t = centred(frame, numFrames);
    for (let row = 0; row < height; row++) {
      const y = centred(row, height);
      for (let column = 0; column < width; column++) passes[cell++] = gain(t, y, centred(column, width));
    }
  }
  return passes;
}

/** Where a frequency of the transform stands when frequency 0 is moved to the middle (`fftshift`). */
function centred(index: number, length: number): number {
  return (index + Math.floor(length / 2)) % length;
}

type Gain = (t: number, y: number, x: number) => number;

function gainOf(filter: LowPassFilter, shape: readonly [number, number, number]): Gain {
  const { kind, order = 4, spatial, temporal } = filter;
  if (kind === 'box') return boxGain(filter, shape);
  const [numFrames, height, width] = shape;
  const distance: Gain = (t, y, x) =>
    ((spatial / temporal) * ((2 * t) / numFrames - 1)) ** 2 + ((2 * y) / height - 1) ** 2 + ((2 * x) / width - 1) ** 2;
  switch (kind) {
    case 'butterworth':
      return (t, y, x) => 1 / (1 + (distance(t, y, x) / spatial ** 2) ** order);
    case 'gaussian':
      return (t, y, x) => Math.exp(-distance(t, y, x) / (2 * spatial ** 2));
    case 'ideal':
      return (t, y, x) => (distance(t, y, x) <= spatial * 2 ? 1 : 0);
  }
}

function boxGain({ spatial, temporal }: LowPassFilter, [numFrames, height, width]: readonly number[]): Gain {
  const middles = [numFrames!, height!, width!].map((length) => Math.floor(length / 2));
  const half = [
    roundHalfEven(middles[0]! * temporal),
    roundHalfEven(middles[1]! * spatial),
    roundHalfEven(middles[1]! * spatial),
  ];
  const inside = (place: number, axis: number): boolean =>
    place >= middles[axis]! - half[axis]! && place < middles[axis]! + half[axis]!;
  return (...place) => (place.every(inside) ? 1 : 0);
}
