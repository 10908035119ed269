import type { Vocabulary, VocabularyWarning } from '../models/vocabulary.ts';
import { knownWords, promptsOf, unknownWordFindings, warnUnknownWords } from '../models/vocabulary.ts';
import { inWords, namesIn } from '../script/placeholders.ts';
import type { Shot, StoryScript } from '../script/script.ts';
import type { Language } from './language.ts';
import { promptReader } from './read-prompts.ts';

/** The words of a model set and, where it says so, how its sentences are built. */
export interface SetWords {
  readonly vocabulary: Vocabulary;
  /** Absent when the set tells its words alone. */
  readonly language?: Language;
}

/** A prompt, and the nearest sentence that the models learned to follow. */
export interface BetterPrompt {
  readonly shot: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Finds prompts that the models will hardly follow: words that they do not know or that they learned with other words around them, more than one
 * thing, a thing where or in a motion that it never was. Each warning offers the nearest sentence that they learned to follow, if there is one.
 */
export function warnPrompts(script: StoryScript, { vocabulary, language }: SetWords): VocabularyWarning[] {
  if (language === undefined) return warnUnknownWords(script, vocabulary);
  const [read, known] = [promptReader(vocabulary, language), knownWords(vocabulary)];
  const objects = Object.keys(vocabulary.kinds['object'] ?? {}).join(', ');
  return script.shots.flatMap((shot, index) => {
    // Words for a clip that is there make nothing.
    if (shot.clip !== undefined) return [];
    const drawn = subjectPaths(shot);
    return promptsOf(inWords(shot, script.subjects)).flatMap(([key, prompt]) => {
      const { sentence, plain, isLearned } = read(prompt);
      const findings = unknownWordFindings(sentence.unknown, known);
      if (plain === null) {
        findings.push(...sentence.cannot.map(([word, reason]) => `says "${word}", which ${reason}`));
        findings.push(`names no thing that the models know; they know ${objects}`);
      } else if (!isLearned) {
        const ways = plain.changes.length === 0 ? '' : `: ${plain.changes.join('; ')}`;
        const remedy = drawn.has(key) || key !== 'prompt' ? '' : '; --rewrite takes it';
        findings.push(`is better said "${plain.text}"${ways}${remedy}`);
      }
      const path = `shots[${index}].${key}`;
      return findings.map((finding) => ({ path, shot: shot.id, message: `${path} ${finding}` }));
    });
  });
}

/**
 * What {@link warnPrompts} offers for the prompts of a script. Prompts that name a subject have no better sentence, for their picture says what
 * no sentence can; neither have shots of several prompts, which go on from each other.
 */
export function betterPrompts(script: StoryScript, { vocabulary, language }: SetWords): readonly BetterPrompt[] {
  if (language === undefined) return [];
  const read = promptReader(vocabulary, language);
  return script.shots.flatMap(({ id, clip, prompt, prompts }) => {
    if (clip !== undefined || prompts !== undefined || namesIn(prompt).length > 0) return [];
    const { plain, isLearned } = read(prompt);
    if (plain === null || isLearned) return [];
    return [{ shot: id, from: prompt, to: plain.text }];
  });
}

/** The keys of a shot's prompts that name a subject. */
function subjectPaths(shot: Shot): ReadonlySet<string> {
  return new Set(promptsOf(shot).flatMap(([key, prompt]) => (namesIn(prompt).length > 0 ? [key] : [])));
}
