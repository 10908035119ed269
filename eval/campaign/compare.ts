/**
 * Two campaigns over the same prompts, compared in pairs: by how much a dimension differs, and how sure that is.
 *
 * B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13, percentile intervals. Prompts are drawn with replacement,
 * each with all its clips in both campaigns: clips of one prompt resemble each other and are no evidence of their own.
 */
import { philox4x32, streamWords } from '../../tensor/philox.ts';
import { type Dimension, dimensionNames } from '../formulas/dimensions.ts';
import { poolScores, type VideoScore } from '../formulas/video-score.ts';
import type { CampaignRecord } from './record.ts';

/** One dimension of two campaigns. */
export interface DimensionDifference {
  readonly dimension: Dimension;
  /** Scores over the clips that both have. */
  readonly one: number;
  readonly two: number;
  /** Two minus one, with its interval. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  /** Prompts and clips that both campaigns have a score for. */
  readonly prompts: number;
  readonly pairs: number;
  /** `higher` and `lower` when the interval leaves zero out, and there are prompts enough to speak of one. */
  readonly verdict: 'higher' | 'lower' | 'no difference shown' | 'too few prompts';
}

/** How intervals are made. */
export interface BootstrapSettings {
  readonly resamples: number;
  /** Share of the resamples inside the interval. */
  readonly confidence: number;
  readonly seed: number;
}

/** Prompts from which an interval says something: of one prompt all resamples are alike, and of a few nearly so. */
const leastPrompts = 5;

/** 2,000 resamples place the ends of a 95 % interval to about a hundredth of its width. */
export const bootstrapSettings: BootstrapSettings = { resamples: 2_000, confidence: 0.95, seed: 7 };

/** The dimensions that two campaigns both scored, on the clips that both have (same prompt, same number). Pure. */
export function compareCampaigns(
  one: CampaignRecord,
  two: CampaignRecord,
  settings: BootstrapSettings = bootstrapSettings,
): readonly DimensionDifference[] {
  return dimensionNames.flatMap((dimension) => {
    const groups = pairsByPrompt(one, two, dimension);
    const difference = groups.length === 0 ? null : differenceOf(groups);
    if (difference === null) return [];
    const drawn = resampledDifferences(groups, dimension, settings);
    const tail = (1 - settings.confidence) / 2;
    const [low, high] = [quantile(drawn, tail), quantile(drawn, 1 - tail)];
    return [
      {
        dimension,
        ...difference,
        low,
        high,
        prompts: groups.length,
        pairs: groups.reduce((sum, pairs) => sum + pairs.length, 0),
        verdict: verdictOf(low, high, groups.length),
      } as const,
    ];
  });
}

function verdictOf(low: number, high: number, prompts: number): DimensionDifference['verdict'] {
  if (prompts < leastPrompts) return 'too few prompts';
  return low > 0 ? 'higher' : high < 0 ? 'lower' : 'no difference shown';
}

type Pair = readonly [VideoScore, VideoScore];

function pairsByPrompt(one: CampaignRecord, two: CampaignRecord, dimension: Dimension): readonly (readonly Pair[])[] {
  const others = scoresOf(two, dimension);
  const groups = new Map<string, Pair[]>();
  for (const [name, { prompt, score }] of scoresOf(one, dimension)) {
    const other = others.get(name);
    if (other === undefined) continue;
    const group = groups.get(prompt) ?? [];
    groups.set(prompt, group);
    group.push([score, other.score]);
  }
  return [...groups.values()];
}

function scoresOf(
  { prompts }: CampaignRecord,
  dimension: Dimension,
): ReadonlyMap<string, { readonly prompt: string; readonly score: VideoScore }> {
  const found = new Map<string, { prompt: string; score: VideoScore }>();
  for (const { prompt, samples } of prompts) {
    for (const { sample, outcomes } of samples) {
      const outcome = outcomes.find((each) => each.dimension === dimension);
      if (outcome === undefined || !('score' in outcome) || outcome.score === null) continue;
      found.set(`${prompt}#${sample}`, { prompt, score: outcome.score });
    }
  }
  return found;
}

function differenceOf(
  groups: readonly (readonly Pair[])[],
): { readonly one: number; readonly two: number; readonly difference: number } | null {
  const pairs = groups.flat();
  const one = poolScores(pairs.map(([first]) => first));
  const two = poolScores(pairs.map(([, second]) => second));
  return one === null || two === null ? null : { one, two, difference: two - one };
}

/** Differences of resamples, rising. */
function resampledDifferences(
  groups: readonly (readonly Pair[])[],
  dimension: Dimension,
  { resamples, seed }: BootstrapSettings,
): readonly number[] {
  const draw = uniformDraws(seed, `bootstrap/${dimension}`);
  const made: number[] = [];
  for (let resample = 0; resample < resamples; resample++) {
    const drawn = groups.map(() => groups[Math.floor(draw() * groups.length)] ?? []);
    made.push(differenceOf(drawn)?.difference ?? 0);
  }
  return made.sort((left, right) => left - right);
}

function quantile(rising: readonly number[], share: number): number {
  const place = share * (rising.length - 1);
  const below = rising[Math.floor(place)] ?? 0;
  const above = rising[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

/** Numbers 0 … 1 (1 excluded), the same ones for the same seed and stream. */
function uniformDraws(seed: number, stream: string): () => number {
  const [low, high] = streamWords(stream);
  const counter = Uint32Array.of(0, 0, low, high);
  const words = new Uint32Array(4);
  let next = 4;
  return () => {
    if (next === 4) {
      philox4x32(counter, Uint32Array.of(seed, 0), words);
      counter[0] = (counter[0] ?? 0) + 1;
      next = 0;
    }
    return (words[next++] ?? 0) / 2 ** 32;
  };
}
