import type { PromptWords } from '../story/models/prompt-words.ts';
import type { MeasuredScore } from './score-clip.ts';
import type { SeenWords } from './perception/concepts.ts';
import type { SeenFrame } from './perception/seen.ts';

/**
 * What looking at a clip came to: the artifact of a `measure` task. Scores with labels are made of it later, by formulas alone, so
 * other labels or another suite cost no second look.
 */
export interface ClipReport {
  readonly format: 1;
  readonly frames: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** The dimensions that need no labels. */
  readonly scores: readonly MeasuredScore[];
  /** Dimensions that need no labels and have no score, with the reason. */
  readonly missing: readonly MissingScore[];
  /** The 16 frames that the dimensions with labels look at; empty when no model says what frames show. */
  readonly seen: readonly SeenFrame[];
  /** How likely each word is for the whole clip; empty without a probe. */
  readonly words: SeenWords;
  /** What the prompt says in words that the models know. */
  readonly said: PromptWords;
  /** Who looked, and how often each of its heads is right: of frames and of the whole clip. */
  readonly eyes: { readonly frames: Eye | null; readonly clip: Eye | null };
}

/** A model that looked. */
export interface Eye {
  readonly model: string;
  readonly accuracy: Readonly<Record<string, number>>;
}

/** A dimension without a score. */
export interface MissingScore {
  readonly dimension: MeasuredScore['dimension'];
  readonly reason: string;
}

/** Least share of right answers, on clips that training never saw, of a head that a dimension is scored by. */
export const leastAccuracy = 0.9;

/** Why heads of a model may not score a dimension; `null` when they may. */
export function distrust(eye: Eye | null, heads: readonly string[], role: string): string | null {
  if (eye === null) return `the model set has no ${role} package`;
  for (const head of heads) {
    const right = eye.accuracy[head];
    if (right === undefined) return `${eye.model} does not state how often its ${head} head is right`;
    if (right < leastAccuracy) {
      const percent = (100 * right).toFixed(1);
      return `the ${head} head of ${eye.model} is right in ${percent} % of unseen clips; 90 % are needed`;
    }
  }
  return null;
}
