/**
 * Image-text similarity in a space whose axes are the words of a vocabulary: a picture is how likely each word is, a text is the
 * words it says. Stands in for CLIP and ViCLIP where a model knows the whole of a small world.
 *
 * Only kinds that the text speaks of count: a prompt that says nothing of the sky is not compared with the sky.
 */
import type { PromptWords } from '../../story/models/prompt-words.ts';
import type { Feature } from '../formulas/cosine.ts';
import type { Likelihoods } from './seen.ts';

/** The kinds of words that are seen in a picture or clip. */
export type SeenWords = Readonly<Record<string, Likelihoods>>;

/**
 * Features of a picture or clip and of a text, in the same order of words. Both are empty when the text says nothing of what is
 * seen.
 */
export function conceptFeatures(
  seen: SeenWords,
  said: PromptWords,
): { readonly picture: Feature; readonly text: Feature } {
  const picture: number[] = [];
  const text: number[] = [];
  for (const [kind, wanted] of Object.entries(said)) {
    for (const [word, likelihood] of Object.entries(seen[kind] ?? {})) {
      picture.push(likelihood);
      text.push(wanted.includes(word) ? 1 : 0);
    }
  }
  return { picture, text };
}
