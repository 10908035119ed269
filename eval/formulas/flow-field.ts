// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { floor, hypot } = Math;

/** Optical flow between two frames: displacements in pixels of the frames, on a grid that may be coarser than their pixels. */
export interface FlowField {
  /** Of the grid. */
  readonly width: number;
  readonly height: number;
  /** To the right, row-major, `height × width`. */
  readonly u: Float32Array;
  /** Down, the same. */
  readonly v: Float32Array;
}

/** Mean length of the longest share of the vectors, pixels of the frames: 0.05 for dynamic degree, 0.02 for the static filter. */
export function strongestFlow({ u, v }: FlowField, share: number): number {
  const lengths = u.map((right, index) => hypot(right, v[index] ?? 0)).sort();
  const count = floor(lengths.length * share);
  const strongest = lengths.subarray(lengths.length - count);
  return strongest.reduce((sum, length) => sum + length, 0) / strongest.length;
}
