import type { Vocabulary } from '../models/vocabulary.ts';
import type { Language } from './language.ts';
import { plainSentence } from './plain-sentence.ts';
import type { PlainSentence } from './plain-sentence.ts';
import { SentenceReader } from './read-sentence.ts';
import type { Sentence } from './read-sentence.ts';

/** What a model set makes of a prompt. */
export interface PromptReading {
  readonly sentence: Sentence;
  /** The nearest sentence that the models learned; `null` when the prompt names nothing that they know. */
  readonly plain: PlainSentence | null;
  /** Whether the prompt is itself a sentence that they learned to follow. */
  readonly isLearned: boolean;
}

/** A reader of prompts with the words of a model set. */
export function promptReader(vocabulary: Vocabulary, language: Language): (prompt: string) => PromptReading {
  const reader = new SentenceReader(vocabulary, language);
  return (prompt) => {
    const sentence = reader.read(prompt);
    const plain = plainSentence(sentence, vocabulary, language);
    const isLearned = plain !== null && plain.changes.length === 0 && sentence.unknown.length === 0;
    return { sentence, plain, isLearned };
  };
}
