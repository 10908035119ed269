/** When a sound is heard, and how it comes and goes; samples. */
export interface Heard {
  readonly length: number;
  readonly fadeIn: number;
  readonly fadeOut: number;
}

/**
 * How loud a sound is at a sample of its own, as a factor: a quarter of a sine on both sides. Where one sound goes while another comes
 * in the same time, their powers add up to 1, so that no hole is heard between two sounds that have nothing to do with each other.
 */
export function envelopeAt(at: number, { length, fadeIn, fadeOut }: Heard): number {
  if (at < 0 || at >= length) return 0;
  const come = at < fadeIn ? quarterSine((at + 0.5) / fadeIn) : 1;
  const left = length - at;
  const go = left <= fadeOut ? quarterSine((left - 0.5) / fadeOut) : 1;
  return come * go;
}

function quarterSine(share: number): number {
  return Math.sin((Math.PI / 2) * share);
}
