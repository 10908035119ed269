import { z } from 'zod';

const phrases = z.record(z.string(), z.array(z.string()));

/** Schema of `language` in the file of a model set. */
export const languageSchema = z.strictObject({
  /** Kind (`object`, `place`, …) to word to patterns that mean it and that the models do not know: `(little|wee) [old] hut`. */
  alsoSaid: z.record(z.string(), phrases),
  /** Kind to the words with which a thing is `over` a place; with all others it is `on` it. */
  over: z.record(z.string(), z.array(z.string())),
  /** Verbs of going, which say `left` or `right` only with the way: `swims across the pond towards the left`. */
  moves: z.array(z.string()).default([]),
  /** Words that no picture comes of, each with the reason, which follows "which": `black` → `is none of its colours`. */
  cannot: z.record(z.string(), z.string()),
  /** Words without a picture that people write all the same: `slowly`, `beautiful`. */
  ignored: z.array(z.string()).default([]),
  /** What a sentence says of a kind that its writer leaves out; of other kinds it says nothing. */
  unsaid: z.record(z.string(), z.string()).default({}),
});

/**
 * How the sentences were built that a model set learned from, and what else people say for the same. The models follow the
 * words of their training best: one that learned `over the sea` of what flies takes `on the sea` for something that swims.
 */
export type Language = z.infer<typeof languageSchema>;
