import { PipelineError } from '../errors/pipeline-error.ts';
import { Tensor, type Shape } from '../tensor/tensor.ts';

/**
 * Builds what a denoiser reads: the noisy sample, repeated for every batch entry, with the fixed condition channels behind
 * it on the channel axis (interpolation: the repeated keys; SEINE: mask, then masked latents).
 *
 * The condition is laid down once and the buffer is kept, so a step costs one copy of the sample per batch entry. A tensor
 * is valid until the next call.
 *
 * @param sampleShape `[1, C, F, h, w]`
 * @param condition `[1, any, F, h, w]` or `null`
 * @returns Takes a sample and gives `[batch, C + condition channels, F, h, w]`.
 * @throws PipelineError `INTERNAL` when the condition has other frames or another size than the sample.
 */
export function createModelInput(
  batch: number,
  sampleShape: Shape,
  condition: Tensor | null,
): (sample: Tensor) => Tensor {
  const [one, channels, ...rest] = sampleShape;
  if (one !== 1 || channels === undefined || rest.length !== 3) {
    throw new PipelineError('INTERNAL', `sample has shape [${sampleShape.join(', ')}]; it must be [1, C, F, h, w]`);
  }
  if (condition !== null && (condition.shape[0] !== 1 || condition.shape.slice(2).join() !== rest.join())) {
    throw new PipelineError(
      'INTERNAL',
      `condition has shape [${condition.shape.join(', ')}]; it must be [1, any, ${rest.join(', ')}] as the sample`,
    );
  }
  const inputChannels = channels + (condition?.shape[1] ?? 0);
  const input = Tensor.zeros([batch, inputChannels, ...rest]);
  const entryLength = input.data.length / batch;
  if (condition !== null) {
    for (let entry = 1; entry <= batch; entry++) {
      input.data.set(condition.data, entry * entryLength - condition.data.length);
    }
  }
  return (sample) => {
    for (let entry = 0; entry < batch; entry++) input.data.set(sample.data, entry * entryLength);
    return input;
  };
}
