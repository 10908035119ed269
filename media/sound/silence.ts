/** Quieter than -60 dBFS is silence: what a synthesiser puts around its words. */
const silent = 10 ** (-60 / 20);

/** A sound of one channel from its first sound to its last; of silence alone nothing is left. */
export function withoutSilence(samples: Float32Array): Float32Array {
  const first = samples.findIndex((sample) => Math.abs(sample) > silent);
  const last = samples.findLastIndex((sample) => Math.abs(sample) > silent);
  return first < 0 ? samples.subarray(0, 0) : samples.subarray(first, last + 1);
}
