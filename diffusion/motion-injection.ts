/**
 * Several prompts in one clip. H. Qiu et al., "FreeNoise: Tuning-Free Longer Video Diffusion via Noise Rescheduling", 2023,
 * arXiv:2310.15169, section 3.4 (motion injection).
 * Reference: AILab-CVC/FreeNoise @404b68b scripts/evaluation/funcs.py, lvdm/models/samplers/ddim_mp.py.
 *
 * Between two prompts, the first three eighths of the frames hold the one, the last three eighths the other, and the text
 * context of the frames between is interpolated linearly.
 *
 * Where we differ: any number of prompts at any places; the reference has two, at the ends. The reference tells the encoder
 * half of its U-Net the last prompt alone, except in steps 5 … 15 of 50, and always the interpolation to the decoder half; the
 * graphs here have one context for both, which is the interpolation in every step (docs/decisions/0016-motion-injection.md).
 */
import { PipelineError } from '../errors/pipeline-error.ts';
import { axesOf, expectShape, Tensor } from '../tensor/tensor.ts';

/** What a frame is told: `from` and `to` count the prompts, `share` of `to` and the rest of `from`. */
export interface PromptMix {
  readonly from: number;
  readonly to: number;
  readonly share: number;
}

/**
 * The prompts of every frame.
 *
 * @param places Where each prompt is reached, 0 … 1 of the clip, rising, the first at 0. After the last one it stays.
 * @throws PipelineError `INTERNAL` when the places are not that.
 */
export function promptMixes(places: readonly number[], numFrames: number): PromptMix[] {
  const rising = places.every((place, index) => place <= 1 && place > (places[index - 1] ?? -1));
  if (places[0] !== 0 || !rising) {
    throw new PipelineError('INTERNAL', `prompts are at ${places.join(', ')}; they must rise from 0 to at most 1`);
  }
  const mixes: PromptMix[] = [];
  for (let prompt = 0; prompt + 1 < places.length; prompt++) {
    const end = Math.round(places[prompt + 1]! * numFrames);
    const length = end - mixes.length;
    const held = Math.floor((length * 3) / 8);
    const changing = length - 2 * held;
    for (let frame = 0; frame < length; frame++) {
      const place = frame - held;
      const share = changing > 1 ? place / (changing - 1) : 0.5;
      mixes.push({ from: prompt, to: prompt + 1, share: Math.min(1, Math.max(0, share)) });
    }
  }
  const last = places.length - 1;
  while (mixes.length < numFrames) mixes.push({ from: last, to: last, share: 0 });
  return mixes;
}

/**
 * The text context of every frame.
 *
 * @param contexts One per prompt, `[1, 1, T, D]`.
 * @returns `[1, F, T, D]`
 * @throws PipelineError `INTERNAL` when the contexts differ in shape.
 */
export function mixContexts(contexts: readonly Tensor[], mixes: readonly PromptMix[]): Tensor {
  const [first] = contexts;
  if (first === undefined) throw new PipelineError('INTERNAL', 'a clip has at least one prompt');
  for (const context of contexts) expectShape('text context', context, first.shape);
  const [, , tokens, width] = axesOf(first, 4);
  const size = tokens * width;
  const mixed = Tensor.zeros([1, mixes.length, tokens, width]);
  for (const [frame, { from, to, share }] of mixes.entries()) {
    const [before, after] = [contexts[from]!.data, contexts[to]!.data];
    for (let index = 0; index < size; index++) {
      mixed.data[frame * size + index] = before[index]! + share * (after[index]! - before[index]!);
    }
  }
  return mixed;
}
