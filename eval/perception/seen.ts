import type { Box } from '../formulas/spatial-relationship.ts';

/** How likely each word of a kind is, 0 … 1; they sum to 1. */
export type Likelihoods = Readonly<Record<string, number>>;

/** An object that was found in a frame. */
export interface SeenObject {
  readonly label: string;
  readonly colour: string;
  /** How sure the model is that something is there, 0 … 1. */
  readonly certainty: number;
  /** Pixels of the frame; `null` from a model that says what there is and not where. */
  readonly box: Box | null;
}

/** What a frame shows. */
export interface SeenFrame {
  readonly objects: readonly SeenObject[];
  readonly place: Likelihoods;
  readonly sky: Likelihoods;
}

/** A model that says what clips show, and how often each of its heads is right on pictures that training never saw. */
export interface Perceiver {
  /** Name and version of its package. */
  readonly model: string;
  readonly accuracy: Readonly<Record<string, number>>;
}

/** The most likely word. */
export function likeliest(words: Likelihoods): string {
  return Object.entries(words).reduce((best, each) => (each[1] > best[1] ? each : best), ['', -1])[0];
}

/** Logits to likelihoods of words. */
export function softmax(words: readonly string[], logits: ArrayLike<number>): Likelihoods {
  const numbers = words.map((_, index) => logits[index] ?? 0);
  const top = Math.max(...numbers);
  const shares = numbers.map((logit) => Math.exp(logit - top));
  const sum = shares.reduce((all, share) => all + share, 0);
  return Object.fromEntries(words.map((word, index) => [word, (shares[index] ?? 0) / sum]));
}
