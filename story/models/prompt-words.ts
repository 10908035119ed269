import { namedIn } from '../script/phrases.ts';
import type { Vocabulary } from './vocabulary.ts';

/** The words that a prompt says, by kind: `{ object: ['boat'], motion: ['left'] }`. A kind of which it says nothing is absent. */
export type PromptWords = Readonly<Record<string, readonly string[]>>;

/** Reads a prompt with a vocabulary: the canonical words whose phrases stand in it. */
export function promptWords(prompt: string, vocabulary: Vocabulary): PromptWords {
  const made: Record<string, readonly string[]> = {};
  for (const [kind, words] of Object.entries(vocabulary.kinds)) {
    const found = namedIn(prompt, kind === 'motion' ? withVerbs(words, vocabulary.verbs) : words);
    if (found.length > 0) made[kind] = found;
  }
  return made;
}

/** `sails left` and `sails to the left` say what `moves left` says. */
function withVerbs(words: Vocabulary['kinds'][string], verbs: Vocabulary['verbs']): Vocabulary['kinds'][string] {
  return Object.fromEntries(
    Object.entries(words).map(([word, phrases]) => {
      const own = ['left', 'right'].includes(word)
        ? Object.values(verbs).flatMap((verb) => [`${verb} ${word}`, `${verb} to the ${word}`])
        : [];
      return [word, [...phrases, ...own]];
    }),
  );
}
