import { type Dimension, dimensionNames, dimensions } from '../formulas/dimensions.ts';
import { type DimensionScores, finalScore, type FinalScore, normalizedScore } from '../formulas/final-score.ts';
import { poolScores } from '../formulas/video-score.ts';
import { comparableWithLeaderboard, publishedModel } from '../perception/roles.ts';
import type { CampaignInput, PromptRecord } from './campaign.ts';
import { planSamples } from './plan-campaign.ts';

/** A dimension of a finished campaign. */
export interface CampaignDimension {
  readonly dimension: Dimension;
  /** Raw score, pooled as the dimension is pooled. */
  readonly score: number;
  /**
   * The score on its range, where 0 … 1: the published range for the published model. Any other model has no published range, and its
   * score is taken as it is.
   */
  readonly normalized: number;
  readonly model: string;
  /** Clips behind the score. */
  readonly videos: number;
}

/** All that is kept of a campaign: `campaigns/<id>/campaign.json`. */
export interface CampaignRecord {
  readonly format: 1;
  readonly id: string;
  readonly label: string;
  readonly suite: string;
  readonly models: string;
  /** How the clips were made: what was set, and what it came to with these models. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** What the frames of its clips are; absent when they are not here. */
  readonly clips?: { readonly stage: 'decode' | 'interp'; readonly fps: number };
  readonly samples: number;
  readonly finishedMs: number;
  readonly dimensions: readonly CampaignDimension[];
  readonly missing: readonly { readonly dimension: Dimension; readonly reason: string }[];
  readonly final: FinalScore;
  /** Mean of the normalised dimensions, weighted as published: what is left of the total when some are missing. */
  readonly mean: number | null;
  readonly comparable: boolean;
  /** Milliseconds of engine time of the clips that were made and measured in this campaign and not found. */
  readonly cost: {
    readonly generateMs: number;
    readonly measureMs: number;
    /** Clips of which both were done here; the only ones whose share can be told. */
    readonly clips: number;
  };
  readonly failed: number;
  readonly prompts: readonly PromptRecord[];
}

/** Sums up a campaign. Pure. */
export function buildCampaignRecord(
  id: string,
  input: CampaignInput,
  prompts: readonly PromptRecord[],
  finishedMs: number,
): CampaignRecord {
  const { label, suite, models, alternatives, samples } = input;
  const scored = dimensionsOf(prompts);
  const clips = prompts.flatMap((prompt) => prompt.samples);
  const fresh = clips.filter(({ generateMs, measureMs }) => generateMs > 0 && measureMs > 0);
  return {
    format: 1,
    id,
    label,
    suite,
    samples,
    finishedMs,
    models: [models.name, ...(alternatives?.base === undefined ? [] : [alternatives.base])].join(' with '),
    ...madeAs(input),
    ...summaryOf(scored),
    missing: missingOf(prompts, scored),
    cost: {
      generateMs: fresh.reduce((sum, each) => sum + each.generateMs, 0),
      measureMs: fresh.reduce((sum, each) => sum + each.measureMs, 0),
      clips: fresh.length,
    },
    failed: clips.filter(({ failure }) => failure !== undefined).length,
    prompts,
  };
}

/** What follows from the dimensions alone. */
export function summaryOf(
  scored: readonly CampaignDimension[],
): Pick<CampaignRecord, 'dimensions' | 'final' | 'mean' | 'comparable'> {
  const comparable = comparableWithLeaderboard(scored);
  const raw: DimensionScores = Object.fromEntries(scored.map(({ dimension, score }) => [dimension, score]));
  const weights = scored.reduce((sum, { dimension }) => sum + dimensions[dimension].weight, 0);
  const sum = scored.reduce((all, { dimension, normalized }) => all + dimensions[dimension].weight * normalized, 0);
  return {
    dimensions: scored,
    final: comparable ? finalScore(raw) : { quality: null, semantic: null, total: null },
    mean: weights === 0 ? null : sum / weights,
    comparable,
  };
}

/** A raw score on its range; see {@link CampaignDimension.normalized}. */
export function onRange(dimension: Dimension, score: number, model: string): number {
  return model === publishedModel(dimension) ? normalizedScore(score, dimensions[dimension]) : score;
}

function dimensionsOf(prompts: readonly PromptRecord[]): readonly CampaignDimension[] {
  return dimensionNames.flatMap((dimension) => {
    const outcomes = prompts.flatMap(({ samples }) => samples.flatMap((sample) => sample.outcomes));
    const scored = outcomes.flatMap((outcome) =>
      outcome.dimension === dimension && 'score' in outcome ? [outcome] : [],
    );
    const score = poolScores(scored.map((each) => each.score));
    const model = scored[0]?.model;
    if (score === null || model === undefined) return [];
    const videos = scored.filter((each) => each.score !== null).length;
    return [{ dimension, score, normalized: onRange(dimension, score, model), model, videos }];
  });
}

function missingOf(prompts: readonly PromptRecord[], scored: readonly CampaignDimension[]): CampaignRecord['missing'] {
  const outcomes = prompts.flatMap(({ samples }) => samples.flatMap((sample) => sample.outcomes));
  return dimensionNames
    .filter((dimension) => !scored.some((each) => each.dimension === dimension))
    .map((dimension) => {
      const own = outcomes.filter((outcome) => outcome.dimension === dimension);
      const reason = own.flatMap((outcome) => ('reason' in outcome ? [outcome.reason] : []))[0];
      const otherwise = own.length === 0 ? 'the suite has no prompt for it' : 'no clip shows what it is about';
      return { dimension, reason: reason ?? otherwise };
    });
}

/** How clips are made, by what the first of them is planned to be. */
function madeAs(input: CampaignInput): Pick<CampaignRecord, 'settings' | 'clips'> {
  const [plan] = input.prompts.slice(0, 1).flatMap((first) => planSamples(first, input));
  const iterations = plan?.clip.filter(({ stage }) => stage === 'base') ?? [];
  const base = iterations.at(-1);
  if (plan === undefined || base?.stage !== 'base') return { settings: {} };
  const { sampler, steps, guidance, rescale, freeu, frames, freenoise } = base.params;
  const { quality, negative } = input.template.sampling;
  const isOn = Object.values(freeu).some((factor) => factor !== 1);
  return {
    settings: {
      quality,
      sampler,
      steps,
      guidance,
      frames,
      ...(rescale === 0 ? {} : { rescale }),
      ...(negative === '' ? {} : { negative }),
      ...(isOn ? { freeu } : {}),
      ...(iterations.length > 1 ? { freeinit: { iterations: iterations.length } } : {}),
      ...(freenoise === undefined ? {} : { freenoise }),
    },
    clips: { stage: plan.frames.stage, fps: plan.measure.params.fps },
  };
}
