// Bound once: a lookup of a global per number is slow wherever code runs in a VM context, as tests do.
const { abs } = Math;

/** A frame or any other block of bytes 0…255; the order of rows and channels does not matter as long as both share it. */
export type Bytes = Uint8Array;

/** Mean of |a − b| over all bytes of two frames of one size, 0 … 255. */
export function meanAbsoluteDifference(left: Bytes, right: Bytes): number {
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += abs((left[index] ?? 0) - (right[index] ?? 0));
  return sum / left.length;
}
