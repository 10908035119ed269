import type { ModelSetRef } from '../models/model-set.ts';
import { plainPrompt } from '../script/placeholders.ts';
import type { DenoiseParams, UpscaleParams } from './task.ts';

/** Words and seed of the clip that is upscaled. */
export type UpscaleWords = Pick<DenoiseParams, 'prompt' | 'prompts' | 'negative' | 'seed'>;

/**
 * How the frames of a clip are upscaled by denoising: everything but its length is the model's own. The negative prompt is the
 * model's, then the clip's. `null` when the upscaler of the set does not denoise.
 */
export function upscaleParams({ upscaler }: ModelSetRef, words: UpscaleWords): Omit<UpscaleParams, 'frames'> | null {
  if (upscaler === undefined) return null;
  const { sampler, frames, noiseLevel, negative } = upscaler;
  const prompts = words.prompts?.map((each) => ({ ...each, prompt: plainPrompt(each.prompt) }));
  return {
    prompt: plainPrompt(words.prompt),
    ...(prompts === undefined ? {} : { prompts }),
    negative: [negative, words.negative].filter((each) => each !== '').join(', '),
    seed: words.seed,
    sampler: sampler.kind,
    steps: sampler.steps,
    guidance: sampler.guidance,
    rescale: sampler.rescale ?? 0,
    noiseLevel,
    chunk: frames,
  };
}

/**
 * The words of a piece of a clip that is upscaled by itself: of several prompts the one that holds in its middle.
 *
 * @param middle Place in the clip, 0 … 1.
 */
export function wordsAt({ prompts, ...words }: UpscaleWords, middle: number): UpscaleWords {
  const prompt = prompts?.findLast(({ at }) => at <= middle)?.prompt ?? words.prompt;
  return { ...words, prompt };
}
