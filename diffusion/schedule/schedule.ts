/**
 * Noise schedules: the share of signal at every timestep that a model was trained at.
 *
 * Linear betas: J. Ho, A. Jain, P. Abbeel, "Denoising Diffusion Probabilistic Models", 2020, arXiv:2006.11239, section 4.
 * Scaled linear: R. Rombach et al., "Latent Diffusion", 2021, arXiv:2112.10752 (betas whose roots are linear; Stable
 * Diffusion). Squared cosine: A. Nichol, P. Dhariwal, "Improved DDPM", 2021, arXiv:2102.09672, eq. 17. Cosine: the same
 * curve shifted as E. Hoogeboom et al., "Simple diffusion", 2023, arXiv:2301.11093, section 3.1. Log-SNR cosine: the form
 * of appendix B there, between two shifts, as ueoo/VEnhancer @f03c69c video_to_video/diffusion/schedules_sdedit.py. Zero
 * terminal SNR: S. Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed", 2023, arXiv:2305.08891,
 * algorithm 1. The first four equal huggingface/diffusers 0.35.2 in float64.
 *
 * | here | papers |
 * | --- | --- |
 * | `alphaBar[i]` | ᾱ at timestep i: the share of signal in x_i = √ᾱ x_0 + √(1−ᾱ) ε |
 * | `trainSteps` | T |
 * | `shift` | noise of the shifted cosine: log SNR is lower by 2 log(shift) |
 *
 * Where we differ: the cosine schedule has no small offset s and no limit on beta, so ᾱ is 0 at the last timestep (zero
 * terminal SNR). Tables are float64; the reference codes use float32 or float64 by place.
 */

/** Betas that rise from `betaStart` to `betaEnd`, themselves or their square roots in equal steps. */
export interface BetaSchedule {
  readonly kind: 'linear' | 'scaled-linear';
  readonly betaStart: number;
  readonly betaEnd: number;
  readonly trainSteps: number;
  /** Whether √ᾱ is stretched so that the last timestep has no signal. */
  readonly zeroTerminalSnr?: boolean | undefined;
}

/** Log SNR along a cosine, its shift moving from `shiftStart` at timestep 0 to `shiftEnd` at the last. */
export interface LogSnrCosineSchedule {
  readonly kind: 'logsnr-cosine';
  readonly logSnrMin: number;
  readonly logSnrMax: number;
  readonly shiftStart: number;
  readonly shiftEnd: number;
  readonly trainSteps: number;
  /** Whether √(1 − ᾱ) is stretched so that the last timestep has no signal. */
  readonly zeroTerminalSnr?: boolean | undefined;
}

/** How a model was trained to see noise; the `schedule` of its manifest. */
export type NoiseSchedule =
  | BetaSchedule
  | LogSnrCosineSchedule
  /** Betas of cos² with an offset of 0.008, each at most `maxBeta`. */
  | { readonly kind: 'squared-cosine'; readonly maxBeta: number; readonly trainSteps: number }
  | { readonly kind: 'cosine'; readonly shift: number; readonly trainSteps: number };

/** ᾱ for every timestep 0 … T−1, strictly falling. */
export function alphaBars(schedule: NoiseSchedule): Float64Array {
  switch (schedule.kind) {
    case 'linear':
    case 'scaled-linear':
      return ofBetaSchedule(schedule);
    case 'squared-cosine':
      return ofSquaredCosine(schedule.maxBeta, schedule.trainSteps);
    case 'logsnr-cosine':
      return ofLogSnrCosine(schedule);
    case 'cosine':
      return ofCosine(schedule.shift, schedule.trainSteps);
  }
}

function ofBetaSchedule({ kind, betaStart, betaEnd, trainSteps, zeroTerminalSnr }: BetaSchedule): Float64Array {
  const [first, last] = kind === 'linear' ? [betaStart, betaEnd] : [Math.sqrt(betaStart), Math.sqrt(betaEnd)];
  const slope = trainSteps > 1 ? (last - first) / (trainSteps - 1) : 0;
  const table = productOf(trainSteps, (index) => {
    const value = first + index * slope;
    return kind === 'linear' ? value : value * value;
  });
  if (zeroTerminalSnr !== true) return table;
  const [start, end] = [Math.sqrt(table[0]!), Math.sqrt(table[trainSteps - 1]!)];
  return table.map((alphaBar) => ((Math.sqrt(alphaBar) - end) * (start / (start - end))) ** 2);
}

function ofSquaredCosine(maxBeta: number, trainSteps: number): Float64Array {
  const signal = (u: number): number => Math.cos(((u + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
  return productOf(trainSteps, (index) =>
    Math.min(1 - signal((index + 1) / trainSteps) / signal(index / trainSteps), maxBeta),
  );
}

function productOf(trainSteps: number, betaOf: (index: number) => number): Float64Array {
  let product = 1;
  return Float64Array.from({ length: trainSteps }, (_, index) => (product *= 1 - betaOf(index)));
}

function ofLogSnrCosine(schedule: LogSnrCosineSchedule): Float64Array {
  const { logSnrMin, logSnrMax, shiftStart, shiftEnd, trainSteps, zeroTerminalSnr } = schedule;
  const [from, to] = [Math.atan(Math.exp(-logSnrMax / 2)), Math.atan(Math.exp(-logSnrMin / 2))];
  const noise = Float64Array.from({ length: trainSteps }, (_, index) => {
    const u = trainSteps > 1 ? index / (trainSteps - 1) : 0;
    const shift = (1 - u) * Math.log(shiftStart) + u * Math.log(shiftEnd);
    const logSnr = -2 * (Math.log(Math.tan(from + u * (to - from))) + shift);
    return Math.sqrt(1 / (1 + Math.exp(logSnr)));
  });
  if (zeroTerminalSnr !== true) return noise.map((value) => 1 - value * value);
  const [low, high] = [noise[0]!, noise[trainSteps - 1]!];
  return noise.map((value) => 1 - (low + ((1 - low) / (high - low)) * (value - low)) ** 2);
}

function ofCosine(shift: number, trainSteps: number): Float64Array {
  const table = Float64Array.from({ length: trainSteps }, (_, index) => {
    const tangent = shift * Math.tan((Math.PI / 2) * ((index + 1) / trainSteps));
    return 1 / (1 + tangent * tangent);
  });
  // The tangent of a right angle is infinite; in floating point it is only large.
  table[trainSteps - 1] = 0;
  return table;
}
