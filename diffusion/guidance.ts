/**
 * Classifier-free guidance. J. Ho, T. Salimans, 2022, arXiv:2207.12598, in the form of Stable Diffusion:
 *
 *   guided = negative + scale · (positive − negative)
 *
 * and guidance rescale: S. Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed", 2023,
 * arXiv:2305.08891, equations 15 and 16; reference huggingface/diffusers 0.35.2, `rescale_noise_cfg` of its Stable Diffusion
 * pipeline, which ueoo/VEnhancer @f03c69c computes too (its std + 1e-12 aside):
 *
 *   rescaled = guided · (rescale · std(positive) / std(guided) + 1 − rescale)
 *
 * | here | papers |
 * | --- | --- |
 * | `scale` | 1 + w |
 * | `negative` | prediction without the condition, or with the negative prompt |
 * | `rescale` | φ |
 *
 * The standard deviation is over the whole clip. A guided prediction without any spread stays as it is.
 *
 * Both predictions come from one call of batch 2, **negative first** (LaVie base and Latte order; LaVie's interpolation and
 * SEINE put the positive first, which changes nothing, as batch entries do not see each other).
 */
import { PipelineError } from '../errors/pipeline-error.ts';
import { expectShape, sameShape, Tensor, type Shape } from '../tensor/tensor.ts';
import type { Denoiser } from './denoise.ts';
import { createModelInput } from './model-input.ts';

/**
 * A denoising model. `sample` is `[B, Cin, F, h, w]`, `context` `[B, F or 1, T, D]`, the result `[B, C, F, h, w]`; all
 * batch entries share the timestep. `towards` says per batch entry whether it goes towards the prompt (else it goes away
 * from the negative one), for models that are told more than words. The input buffers are the caller's and change after the
 * promise settles.
 */
export type DenoisingModel = (
  sample: Tensor,
  timestep: number,
  context: Tensor,
  towards: readonly boolean[],
) => Promise<Tensor>;

/** What steers a clip. */
export interface Guidance {
  /** Text context to go towards, `[1, F or 1, T, D]`. */
  readonly positive: Tensor;
  /** Text context to go away from, of the same shape. */
  readonly negative: Tensor;
  /** 1 is the positive prediction alone and 0 the negative alone: one call of batch 1 each. */
  readonly scale: number;
  /** How far the guided prediction is brought back to the spread of the positive one, 0 … 1. */
  readonly rescale: number;
  /** Fixed channels behind the sample, `[1, any, F, h, w]`, or `null`. */
  readonly condition: Tensor | null;
  /**
   * Channels that are guided; the others stay those of the positive prediction, as VideoBooth's sampling code leaves them
   * (Vchitect/VideoBooth, commit d10e06f, models/unet.py `forward_with_cfg_with_exemplar`). Absent: all.
   */
  readonly guidedChannels?: number;
  /** `false` makes two calls of batch 1 instead of one of batch 2: half the memory, for a retry after running out of it. */
  readonly batched: boolean;
}

/**
 * A denoiser for samples of `sampleShape`, `[1, C, F, h, w]`, that guides the model.
 *
 * @throws PipelineError `INTERNAL` when shapes disagree; the denoiser itself `MODEL_INVALID` when the model answers in
 * another shape.
 */
export function guidedDenoiser(model: DenoisingModel, sampleShape: Shape, guidance: Guidance): Denoiser {
  const { positive, negative, scale, rescale, condition, batched, guidedChannels = sampleShape[1] ?? 0 } = guidance;
  expectShape('context of the prompt', positive, [1, null, null, null]);
  expectShape('context of the negative prompt', negative, positive.shape);
  const single = createModelInput(1, sampleShape, condition);
  if (scale === 0 || scale === 1) {
    const context = scale === 1 ? positive : negative;
    return async (sample, timestep) =>
      expectPrediction(await model(single(sample), timestep, context, [scale === 1]), 1, sampleShape);
  }
  if (!batched) {
    return async (sample, timestep) => {
      const from = expectPrediction(await model(single(sample), timestep, negative, [false]), 1, sampleShape);
      const towards = expectPrediction(await model(single(sample), timestep, positive, [true]), 1, sampleShape);
      return guide(from.data, towards.data, { scale, rescale, guidedChannels }, sampleShape);
    };
  }
  const double = createModelInput(2, sampleShape, condition);
  const contexts = new Tensor([2, ...positive.shape.slice(1)], new Float32Array(2 * positive.data.length));
  contexts.data.set(negative.data);
  contexts.data.set(positive.data, negative.data.length);
  return async (sample, timestep) => {
    const { data } = expectPrediction(await model(double(sample), timestep, contexts, [false, true]), 2, sampleShape);
    const half = data.length / 2;
    return guide(data.subarray(0, half), data.subarray(half), { scale, rescale, guidedChannels }, sampleShape);
  };
}

function guide(
  negative: Float32Array,
  positive: Float32Array,
  { scale, rescale, guidedChannels }: Required<Pick<Guidance, 'scale' | 'rescale' | 'guidedChannels'>>,
  shape: Shape,
): Tensor {
  const [, channels = 1] = shape;
  const guided = positive.slice();
  const length = Math.min(channels, guidedChannels) * (guided.length / channels);
  for (let index = 0; index < length; index++) {
    guided[index] = negative[index]! + scale * (positive[index]! - negative[index]!);
  }
  const spread = rescale === 0 ? 0 : deviation(guided);
  if (spread > 0) {
    const factor = (rescale * deviation(positive)) / spread + 1 - rescale;
    for (let index = 0; index < guided.length; index++) guided[index] = factor * guided[index]!;
  }
  return new Tensor(shape, guided);
}

/** Standard deviation of a sample of values (divided by n − 1, as torch does). */
function deviation(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / Math.max(1, values.length - 1));
}

function expectPrediction(prediction: Tensor, batch: number, sampleShape: Shape): Tensor {
  const expected = [batch, ...sampleShape.slice(1)];
  if (!sameShape(prediction.shape, expected)) {
    throw new PipelineError(
      'MODEL_INVALID',
      `the denoiser answered with shape [${prediction.shape.join(', ')}]; for this sample it must be [${expected.join(', ')}]; export the model again`,
    );
  }
  return prediction;
}
