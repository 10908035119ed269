import { PipelineError } from '../../errors/pipeline-error.ts';
import { plainPrompt } from '../script/placeholders.ts';
import { planProblem } from '../script/plan-problem.ts';
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
  settings: EnhanceSettings,
  words: Pick<DenoiseParams, 'prompt' | 'prompts' | 'negative' | 'seed'>,
  models: ModelSetRef,
  path: string,
): EnhanceParams {
  const facts = models.enhancer;
  if (facts === undefined) {
    const message = `Model set "${models.name}" has no enhance model and ${path}.enhance asks for one; choose another set, or say enhance: false`;
    throw new PipelineError('MODEL_INVALID', message, { details: { models: models.name } });
  }
  const { scale, time, strength, colour } = settings;
  checkReach(facts, scale, time, models.name, path);
  const { seed } = words;
  const told = (prompt: string): string => withSuffix(plainPrompt(prompt), settings.suffix, facts.suffix);
  const prompts = words.prompts?.map((each) => ({ ...each, prompt: told(each.prompt) }));
  const start = time > 1 ? facts.start : Math.max(1, Math.round(strength * facts.start));
  const { kind, steps, guidance, rescale = 0 } = facts.sampler;
  const fast = settings.steps === undefined && facts.fastList && start > fastMiddle;
  const scaled = settings.tile === undefined ? facts.tile : tileOf(facts, settings.tile);
  const upscaleTold = settings.told ?? facts.told;
  return {
    prompt: told(words.prompt),
    ...(prompts === undefined ? {} : { prompts }),
    negative: settings.negative ?? (words.negative === '' ? (facts.negative ?? '') : words.negative),
    seed,
    sampler: settings.sampler ?? kind,
    steps: settings.steps ?? (fast ? steps : Math.max(1, Math.round((steps * start) / facts.start))),
    ...(fast ? { list: 'fast' } : {}),
    guidance: settings.guidance ?? guidance,
    rescale,
    scale,
    ...(upscaleTold === undefined ? {} : { told: upscaleTold }),
    ...(facts.loop === undefined ? {} : { loop: facts.loop }),
    ...(scaled === undefined ? {} : { tile: scaled }),
    start,
    hintNoise:
      settings.noise === undefined
        ? Math.round(strength ** 2 * facts.hintNoise)
        : Math.max(0, Math.round(settings.noise) - 1), // VEnhancer counts levels of noise from 1
    ...(facts.sharedNoise ? { sharedNoise: true } : {}),
    // Between keys there is no source: only mean and contrast can be held.
    colour: time > 1 && colour === 'wavelet' ? 'adain' : colour,
    keyStep: time,
    chunk: facts.frames,
  };
}

/** The script's words behind a prompt, or those of the set, which follow it as its authors put them. */
function withSuffix(prompt: string, own: string | undefined, ofSet = ''): string {
  if (own === undefined) return prompt + ofSet;
  if (own === '') return prompt;
  return /^[,.;:!?]/u.test(own) ? prompt + own : `${prompt} ${own}`;
}

/** Tiles of a share of the set's, whose sides stay even. */
function tileOf({ tile = usualTile }: EnhancerFacts, share: NonNullable<EnhanceSettings['tile']>): CellTile {
  const parts = { whole: 1, half: 2, quarter: 4 }[share];
  const side = (cells: number): number => Math.max(leastTile, 2 * Math.floor(cells / parts / 2));
  return { width: side(tile.width), height: side(tile.height) };
}

/** Cells. */
interface CellTile {
  readonly width: number;
  readonly height: number;
}

/** Tiles of enhancers whose package names none; the pipeline takes the same. */
const usualTile: CellTile = { width: 64, height: 36 };
const leastTile = 8;

function checkReach(facts: EnhancerFacts, scale: number, time: number, set: string, path: string): void {
  const beyond =
    scale > facts.maxScale
      ? { key: 'scale', value: scale, most: facts.maxScale }
      : time > facts.maxTime
        ? { key: 'time', value: time, most: facts.maxTime }
        : null;
  if (beyond === null) return;
  const finding = `is ${beyond.value}; the enhancer of model set "${set}" goes up to ${beyond.most}; use that or less`;
  const problem = planProblem(`${path}.enhance.${beyond.key}`, finding);
  throw new PipelineError('SCRIPT_INVALID', problem.message, { details: { problems: [problem] } });
}
