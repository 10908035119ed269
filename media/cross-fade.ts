/**
 * A dissolve of `count` frames: frame `k` shows the second clip with weight `(k + 1) / (count + 1)`, so neither end
 * repeats a whole frame of its neighbour. Whole-number arithmetic, rounded half up: the same bytes on any machine.
 * @param a - Last frames of the clip before, `count` frames of equal size, bytes.
 * @param b - First frames of the clip after, of the same length.
 */
export function crossFade(a: Uint8Array, b: Uint8Array, count: number): Uint8Array {
  if (a.length !== b.length || count < 1 || a.length % count !== 0) {
    throw new RangeError(
      `${String(a.length)} and ${String(b.length)} bytes are not twice ${String(count)} frames of one size`,
    );
  }
  const frameBytes = a.length / count;
  const whole = count + 1;
  const half = Math.floor(whole / 2);
  const mixed = new Uint8Array(a.length);
  for (let k = 0; k < count; k += 1) {
    for (let index = k * frameBytes; index < (k + 1) * frameBytes; index += 1) {
      mixed[index] = Math.floor((a[index]! * (count - k) + b[index]! * (k + 1) + half) / whole);
    }
  }
  return mixed;
}
