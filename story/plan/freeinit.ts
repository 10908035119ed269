import type { DenoiserFacts } from '../models/model-set.ts';
import { planProblem } from '../script/plan-problem.ts';
import type { ScriptProblem } from '../script/read-script.ts';
import type { FreeInitSettings, SamplingSettings, Shot, StoryScript } from '../script/script.ts';
import type { BaseParams, DenoiseParams } from './task.ts';

/**
 * FreeInit of a script: a clip is sampled several times, each time from noise that has seen the result before. Every
 * iteration is a task of its own (docs/decisions/0012).
 */

/** What a model gets whose manifest says nothing: the reference's filter, and diffusers' number of iterations. */
const paperSettings: FreeInitSettings = {
  iterations: 3,
  filter: 'butterworth',
  order: 4,
  spatial: 0.25,
  temporal: 0.25,
  coarseToFine: false,
};

/** FreeInit of one clip, everything filled in; steps are those of the last iteration. */
export interface FreeInitPlan extends FreeInitSettings {
  /** The iteration that the shot shows, counted from 1. */
  readonly show: number;
  readonly numSteps: number;
}

/**
 * FreeInit of a clip, from the script, then the preset, then the manifest; `null` when it is off.
 *
 * @param preset Whether the quality turns it on, and how many steps it has.
 */
export function freeInitOf(
  { freeinit, steps }: Pick<SamplingSettings, 'freeinit' | 'steps'>,
  facts: Pick<DenoiserFacts, 'freeinit'>,
  preset: { readonly freeinit: boolean; readonly steps: number },
): FreeInitPlan | null {
  if (!(freeinit ?? preset.freeinit)) return null;
  const given = typeof freeinit === 'object' ? freeinit : {};
  const model = facts.freeinit ?? paperSettings;
  const iterations = given.iterations ?? model.iterations;
  return {
    iterations,
    filter: given.filter ?? model.filter,
    order: given.order ?? model.order,
    spatial: given.spatial ?? model.spatial,
    temporal: given.temporal ?? model.temporal,
    coarseToFine: given.coarseToFine ?? model.coarseToFine,
    show: given.show ?? iterations,
    numSteps: steps ?? preset.steps,
  };
}

/** Shots whose FreeInit cannot be made as the script says. */
export function freeInitProblems(
  script: StoryScript,
  freeinitOf: (shot: Shot) => FreeInitPlan | null,
): ScriptProblem[] {
  return script.shots.flatMap((shot, index) => {
    // What others say among defaults does not concern them.
    const isOfWords = shot.clip === undefined && shot.pictures === undefined && shot.join?.kind !== 'continue';
    const freeinit = isOfWords ? freeinitOf(shot) : null;
    if (freeinit === null) return [];
    return findingsOf(shot.sampling, freeinit).map(({ key, finding }) =>
      planProblem(`shots[${index}].freeinit.${key}`, finding),
    );
  });
}

function findingsOf(
  { freeinit }: SamplingSettings,
  { iterations, filter, coarseToFine, show, numSteps }: FreeInitPlan,
): { readonly key: string; readonly finding: string }[] {
  const findings: { key: string; finding: string }[] = [];
  if (show > iterations) {
    findings.push({
      key: 'show',
      finding: `is ${show} of ${iterations} iterations; show one of them, or make iterations larger`,
    });
  }
  const order = typeof freeinit === 'object' ? freeinit.order : undefined;
  if (order !== undefined && filter !== 'butterworth') {
    findings.push({
      key: 'order',
      finding: `is ${order}; only a butterworth filter has an order and this one is ${filter}; take it out`,
    });
  }
  if (coarseToFine && numSteps < iterations) {
    const rule = `the first of ${iterations} iterations would have none of ${numSteps} steps`;
    findings.push({
      key: 'coarseToFine',
      finding: `is true; ${rule}; use at least ${iterations} steps, or fewer iterations`,
    });
  }
  return findings;
}

/**
 * Steps of one iteration, counted from 0, when they go from coarse to fine: the last has all. Rounded down, as the reference
 * rounds (TianxingWu/FreeInit @410286d, `use_fast_sampling`).
 */
export function coarseToFineSteps(numSteps: number, iterations: number, iteration: number): number {
  return Math.trunc((numSteps / iterations) * (iteration + 1));
}

/** Parameters of every iteration up to the one that is shown. The first is the clip without FreeInit. */
export function iterationsOf(
  clip: DenoiseParams,
  freeinit: FreeInitPlan | null,
): readonly [BaseParams, ...BaseParams[]] {
  if (freeinit === null) return [clip];
  const { iterations, filter, order, spatial, temporal, coarseToFine, show } = freeinit;
  const passing = { filter, ...(filter === 'butterworth' ? { order } : {}), spatial, temporal };
  const of = (iteration: number): BaseParams => ({
    ...clip,
    steps: coarseToFine ? coarseToFineSteps(clip.steps, iterations, iteration) : clip.steps,
    ...(iteration === 0 ? {} : { freeinit: { iteration, ...passing } }),
  });
  return [of(0), ...Array.from({ length: show - 1 }, (_, index) => of(index + 1))];
}
