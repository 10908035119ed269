/**
 * Sampling again from noise whose low frequencies have seen the clip. T. Wu et al., "FreeInit: Bridging Initialization Gap
 * in Video Diffusion Models", 2023, arXiv:2312.07537, section 4, eq. 7 … 10.
 * Reference: TianxingWu/FreeInit @410286d freeinit_utils.py `freq_mix_3d`, AnimationFreeInitPipeline of its example.
 *
 * | here | paper |
 * | --- | --- |
 * | `clip` | z_0 of the pass before |
 * | `first` | ε, the noise of the first pass |
 * | `fresh` | η, noise of this pass alone |
 * | `alphaBar` | ᾱ_T |
 * | `filter` | H, the low-pass filter |
 *
 * Where we differ: one forward transform instead of two, for η + F⁻¹(H · F(z_T − η)) is the same sum; and two channels in one
 * complex transform. That needs a filter that treats opposite frequencies alike, which the reference's do not at odd sizes; but
 * of its complex result it takes the real part, which is what the filter's even part gives. Where a schedule ends
 * without signal (ᾱ = 0 at the last timestep), noising the clip to that timestep would leave nothing of it; `reinitialPass`
 * then enters at the first step that has signal, noises to that step's level, and leaves the steps before it out. The fewer the
 * steps, the more signal that level has: for the pocket set ᾱ is 0.001 with 25 steps, 0.01 with 8 and 0.2 with 2, which is too
 * much.
 */
import { axesOf, expectShape, Tensor } from '../tensor/tensor.ts';
import { transform3 } from './fourier.ts';
import { lowPass, type LowPassFilter } from './freeinit-filters.ts';
import type { SamplingStep } from './schedule/sampling-steps.ts';
import { alphaBars, type NoiseSchedule } from './schedule/schedule.ts';

/**
 * Where a pass after the first one begins: how far the clip is noised, and the steps from there.
 *
 * @param steps All steps of the pass.
 */
export function reinitialPass(
  schedule: NoiseSchedule,
  steps: readonly SamplingStep[],
): { readonly alphaBar: number; readonly steps: readonly SamplingStep[] } {
  const last = alphaBars(schedule).at(-1)!;
  if (last > 0) return { alphaBar: last, steps };
  const entered = steps.findIndex(({ alphaBar }) => alphaBar > 0);
  // A run of one step at the last timestep has nowhere else to go: its noise keeps the first pass's low frequencies alone.
  return entered < 0 ? { alphaBar: 0, steps } : { alphaBar: steps[entered]!.alphaBar, steps: steps.slice(entered) };
}

/** What the noise of a pass is made of; latents `[1, C, F, h, w]`. */
export interface Reinitialisation {
  readonly clip: Tensor;
  readonly first: Tensor;
  readonly fresh: Tensor;
  readonly alphaBar: number;
  readonly filter: LowPassFilter;
}

/** The latents that a pass after the first one starts from: low frequencies of the noised clip, high ones of fresh noise. */
export function reinitialise({ clip, first, fresh, alphaBar, filter }: Reinitialisation): Tensor {
  expectShape('noise of the first pass', first, clip.shape);
  const [signal, noise] = [Math.sqrt(alphaBar), Math.sqrt(1 - alphaBar)];
  const noised = clip.data.map((value, index) => signal * value + noise * first.data[index]!);
  return mixFrequencies(new Tensor(clip.shape, noised), fresh, filter);
}

/**
 * Low frequencies of one clip and high frequencies of another, over frames, rows and columns of each channel.
 *
 * @param low `[1, C, F, h, w]`
 * @param high Of the same shape.
 * @throws PipelineError `INTERNAL` when the shapes differ.
 */
export function mixFrequencies(low: Tensor, high: Tensor, filter: LowPassFilter): Tensor {
  expectShape('low frequencies', low, [1, null, null, null, null]);
  expectShape('high frequencies', high, low.shape);
  const [, channels, ...shape] = axesOf(low, 5);
  const passes = evenPart(lowPass(filter, shape), shape);
  const size = passes.length;
  const mixed = Tensor.zeros(low.shape);
  const difference = (channel: number): Float64Array =>
    Float64Array.from(passes, (_, cell) => {
      const at = channel * size + cell;
      return channel < channels ? low.data[at]! - high.data[at]! : 0;
    });
  const add = (channel: number, filtered: Float64Array): void => {
    for (let cell = 0, at = channel * size; cell < size && channel < channels; cell++, at++) {
      mixed.data[at] = high.data[at]! + filtered[cell]!;
    }
  };
  for (let channel = 0; channel < channels; channel += 2) {
    const [real, imaginary] = [difference(channel), difference(channel + 1)];
    transform3({ shape, real, imaginary }, 'forward');
    for (let cell = 0; cell < size; cell++) {
      real[cell]! *= passes[cell]!;
      imaginary[cell]! *= passes[cell]!;
    }
    transform3({ shape, real, imaginary }, 'inverse');
    add(channel, real);
    add(channel + 1, imaginary);
  }
  return mixed;
}

/** The mean of a filter's gain at each frequency and at its opposite. */
function evenPart(passes: Float64Array, shape: readonly [number, number, number]): Float64Array {
  const [numFrames, height, width] = shape;
  const opposite = (index: number, length: number): number => (index === 0 ? 0 : length - index);
  return passes.map((gain, cell) => {
    const frame = opposite(Math.floor(cell / (height * width)), numFrames);
    const row = opposite(Math.floor(cell / width) % height, height);
    return (gain + passes[(frame * height + row) * width + opposite(cell % width, width)]!) / 2;
  });
}
