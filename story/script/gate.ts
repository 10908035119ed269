import { PipelineError } from '../../errors/pipeline-error.ts';

/** The dimensions that a gate may ask for: those that need nothing but the clip and its prompt. */
export const gateDimensions = [
  'subject_consistency',
  'background_consistency',
  'temporal_flickering',
  'motion_smoothness',
  'dynamic_degree',
  'imaging_quality',
  'overall_consistency',
] as const;

/** A dimension of a gate. */
export type GateDimension = (typeof gateDimensions)[number];

/** What a shot's clip must reach, and how often it may be made again with another seed. */
export interface GateSettings {
  /** Least score by dimension, 0 … 1. */
  readonly least: Readonly<Partial<Record<GateDimension, number>>>;
  readonly retries: number;
}

/** One clip of a gated shot, judged. */
export interface GateTake {
  readonly seed: number;
  /** What the gate asks for, as far as it was measured. */
  readonly scores: Readonly<Partial<Record<GateDimension, number>>>;
  readonly passed: boolean;
  /** By how much it missed, over all dimensions; 0 when it passed. */
  readonly shortfall: number;
}

/** What a gate came to. */
export interface GateDecision {
  readonly shot: string;
  readonly gate: GateSettings;
  /** In the order in which they were made. */
  readonly takes: readonly GateTake[];
  /** Seed of the take that the film shows. */
  readonly seed: number;
  readonly passed: boolean;
  /** Dimensions of the gate that the models of the set do not measure: no take can miss them. */
  readonly unmeasured: readonly GateDimension[];
}

/** Judges a take by its scores. A dimension without a score is not held against it: another seed would not give it one. */
export function judgeTake(
  seed: number,
  scores: Readonly<Partial<Record<string, number>>>,
  { least }: GateSettings,
): GateTake {
  const own: Partial<Record<GateDimension, number>> = {};
  let shortfall = 0;
  for (const dimension of gateDimensions) {
    const limit = least[dimension];
    const score = scores[dimension];
    if (limit === undefined || score === undefined) continue;
    own[dimension] = score;
    shortfall += Math.max(0, limit - score);
  }
  return { seed, scores: own, passed: shortfall === 0, shortfall };
}

/** Decides between takes: the first that passed, else the one that missed by least, the earlier one when two are alike. */
export function decideGate(shot: string, gate: GateSettings, takes: readonly GateTake[]): GateDecision {
  const [first] = takes;
  if (first === undefined) throw new PipelineError('INTERNAL', `shot ${shot} has no take to decide about`);
  const best = takes.reduce((kept, take) => (take.shortfall < kept.shortfall ? take : kept), first);
  const unmeasured = gateDimensions.filter(
    (dimension) => gate.least[dimension] !== undefined && takes.every(({ scores }) => scores[dimension] === undefined),
  );
  return { shot, gate, takes, seed: best.seed, passed: best.passed, unmeasured };
}

/** A gate in words: `subject_consistency ≥ 0.9, 2 retries`. */
export function gateWords({ least, retries }: GateSettings): string {
  const limits = gateDimensions.flatMap((dimension) =>
    least[dimension] === undefined ? [] : [`${dimension} ≥ ${least[dimension]}`],
  );
  return `${limits.join(', ')}, ${retries} ${retries === 1 ? 'retry' : 'retries'}`;
}

/** A decision in words, for people: what was made, what was kept. */
export function decisionWords({ takes, seed, passed, unmeasured }: GateDecision): string {
  const kept = passed ? `seed ${seed} passed` : `none passed, seed ${seed} missed by least`;
  const left = unmeasured.length === 0 ? '' : `; not measured: ${unmeasured.join(', ')}`;
  return `${takes.length} ${takes.length === 1 ? 'take' : 'takes'}, ${kept}${left}`;
}
