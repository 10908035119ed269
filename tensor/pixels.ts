/**
 * Turns decoded pixels in −1 … 1 into bytes, as LaVie and Stable Diffusion do: x/2 + ½, clamped to 0 … 1, times 255,
 * rounded half up.
 *
 * @param target Receives the bytes from `offset` on; it must have room for them.
 * @returns How many pixels were NaN or infinite; they became 0.
 */
export function quantizePixels(pixels: Float32Array, target: Uint8Array, offset: number): number {
  let numInvalid = 0;
  let position = offset;
  for (const pixel of pixels) {
    if (pixel - pixel !== 0) numInvalid++;
    const unit = pixel / 2 + 0.5;
    // A byte array drops the fraction, so adding a half rounds.
    target[position++] = unit <= 0 ? 0 : unit >= 1 ? 255 : unit * 255 + 0.5;
  }
  return numInvalid;
}
