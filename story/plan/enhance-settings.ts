import { PipelineError } from '../../errors/pipeline-error.ts';
import { plainPrompt } from '../script/placeholders.ts';
import type { EnhancerFacts, ModelSetRef } from '../models/model-set.ts';
import type { EnhanceSettings } from '../script/script.ts';
import type { DenoiseParams, EnhanceTask } from './task.ts';

/** Above this start VEnhancer's fixed list of steps has its full length. */
const fastMiddle = 500;

/** What all enhanced segments of a clip share. */
export type EnhanceParams = Omit<EnhanceTask['params'], 'from' | 'count' | 'frames'>;

/**
 * How the frames of a clip are enhanced. Strength decides how far the frames are noised, and with that how many steps there
 * are, and how much of its hints the model is shown: all of it at a strength near 0. New frames between keys have nothing to
 * start from, so they start at full noise.
 *
 * @param words Prompts and seed of the clip; the stage draws noise of its own.
 * @throws PipelineError `MODEL_INVALID` when the set has no enhancer, `SCRIPT_INVALID` when it does not go so far.
 */
export function enhanceParams(
  { scale, time, strength, colour }: EnhanceSettings,
  words: Pick<DenoiseParams, 'prompt' | 'prompts' | 'negative' | 'seed'>,
  models: ModelSetRef,
  path: string,
): EnhanceParams {
  const facts = models.enhancer;
  if (facts === undefined) {
    const message = `Model set "${models.name}" has no enhance model and ${path}.enhance asks for one; choose another set, or say enhance: false`;
    throw new PipelineError('MODEL_INVALID', message, { details: { models: models.name } });
  }
  checkReach(facts, scale, time, models.name, path);
  const { negative, seed } = words;
  const prompts = words.prompts?.map((each) => ({ ...each, prompt: plainPrompt(each.prompt) }));
  const start = time > 1 ? facts.start : Math.max(1, Math.round(strength * facts.start));
  const { kind, steps, guidance, rescale = 0 } = facts.sampler;
  const fast = facts.fastList && start > fastMiddle;
  return {
    prompt: plainPrompt(words.prompt),
    ...(prompts === undefined ? {} : { prompts }),
    negative,
    seed,
    sampler: kind,
    steps: fast ? steps : Math.max(1, Math.round((steps * start) / facts.start)),
    ...(fast ? { list: 'fast' } : {}),
    guidance,
    rescale,
    scale,
    start,
    hintNoise: Math.round(strength ** 2 * facts.hintNoise),
    ...(facts.sharedNoise ? { sharedNoise: true } : {}),
    // Between keys there is no source: only mean and contrast can be held.
    colour: time > 1 && colour === 'wavelet' ? 'adain' : colour,
    keyStep: time,
    chunk: facts.frames,
  };
}

function checkReach(facts: EnhancerFacts, scale: number, time: number, set: string, path: string): void {
  const beyond =
    scale > facts.maxScale
      ? { key: 'scale', value: scale, most: facts.maxScale }
      : time > facts.maxTime
        ? { key: 'time', value: time, most: facts.maxTime }
        : null;
  if (beyond === null) return;
  const where = `${path}.enhance.${beyond.key}`;
  const message = `${where} is ${beyond.value}; the enhancer of model set "${set}" goes up to ${beyond.most}; use that or less`;
  throw new PipelineError('SCRIPT_INVALID', message, { details: { problems: [{ path: where, line: null, message }] } });
}
