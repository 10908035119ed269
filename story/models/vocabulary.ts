import { z } from 'zod';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { nearestWord } from '../script/nearest-word.ts';
import { namedIn, wordsOf } from '../script/phrases.ts';
import { inWords } from '../script/placeholders.ts';
import type { Shot, StoryScript } from '../script/script.ts';

const words = z.record(z.string(), z.array(z.string()));

const vocabularySchema = z.object({
  /** Kind (`object`, `place`, …) to word to the phrases that may stand for it. */
  kinds: z.record(z.string(), words),
  /** Verbs that suit one object better than the plain ones. */
  verbs: z.record(z.string(), z.string()).default({}),
  /** Object to the motions it was seen in. */
  canDo: words.default({}),
  /** Object to the places it was seen at. */
  canBeAt: words.default({}),
});

/** The words a model set knows: `vocabulary.json` of its text package. */
export type Vocabulary = z.infer<typeof vocabularySchema>;

/** A prompt that the models will hardly follow. It renders all the same. */
export interface VocabularyWarning {
  /** `shots[2].prompt`. */
  readonly path: string;
  readonly shot: string;
  readonly message: string;
}

/** Words that carry no picture. */
const glue = ['a', 'an', 'the', 'on', 'over', 'in', 'at', 'to', 'of', 'and', 'is', 'with', 'while', 'under', 'by'];

/**
 * Checks a vocabulary that was read from JSON.
 *
 * @throws PipelineError `MODEL_INVALID`.
 */
export function parseVocabulary(json: unknown): Vocabulary {
  const result = vocabularySchema.safeParse(json);
  if (result.success) return result.data;
  const path = result.error.issues[0]?.path.join('.') ?? '';
  throw new PipelineError(
    'MODEL_INVALID',
    `vocabulary.json is wrong at ${path === '' ? 'its root' : path}; it holds kinds, verbs, canDo and canBeAt; export the text package again`,
  );
}

/**
 * Finds prompts outside what the models were trained on: words they do not know, no object at all, an object where or in
 * a motion that it never was. Prompts of joins are left alone: they speak of change and not of things.
 */
export function warnUnknownWords(script: StoryScript, vocabulary: Vocabulary): VocabularyWarning[] {
  const known = knownWords(vocabulary);
  return script.shots.flatMap((shot, index) =>
    // Words for a clip that is there make nothing.
    (shot.clip === undefined ? promptsOf(inWords(shot, script.subjects)) : []).flatMap(([key, prompt]) =>
      [...wordFindings(prompt, known), ...sceneFindings(prompt, vocabulary)].map((finding) => ({
        path: `shots[${index}].${key}`,
        shot: shot.id,
        message: `shots[${index}].${key} ${finding}`,
      })),
    ),
  );
}

/** The prompts of a shot by the keys they stand under. */
export function promptsOf({ prompt, prompts }: Shot): [key: string, prompt: string][] {
  return prompts?.map((each) => [`prompts."${each.at}"`, each.prompt]) ?? [['prompt', prompt]];
}

/** Every word that stands in a phrase of a vocabulary, and those that carry no picture. */
export function knownWords(vocabulary: Vocabulary): ReadonlySet<string> {
  const phrases = Object.values(vocabulary.kinds).flatMap((kind) => [
    ...Object.keys(kind),
    ...Object.values(kind).flat(),
  ]);
  return new Set([...glue, ...[...phrases, ...Object.values(vocabulary.verbs)].flatMap(wordsOf)]);
}

function wordFindings(prompt: string, known: ReadonlySet<string>): string[] {
  return unknownWordFindings([...new Set(wordsOf(prompt))].filter((word) => !known.has(word)), known);
}

/** What to say of words that are not known, with the nearest one that is. Each goes on after the path of the prompt. */
export function unknownWordFindings(unknown: readonly string[], known: ReadonlySet<string>): string[] {
  return unknown.map((word) => {
    // Short words are all alike: "noon" is no slip of "on", nor "rain" one of "an".
    const nearest = word.length < 4 ? null : nearestWord(word, [...known], word.length < 7 ? 1 : 2);
    const help = nearest === null ? 'say it with words they know' : `did you mean "${nearest}"?`;
    return `says "${word}", which the models do not know and will ignore or misread; ${help}`;
  });
}

function sceneFindings(prompt: string, vocabulary: Vocabulary): string[] {
  const named = (kind: string): string[] => namedIn(prompt, vocabulary.kinds[kind] ?? {});
  const objects = named('object');
  if (objects.length === 0) {
    return [
      `names no thing that the models know; they know ${Object.keys(vocabulary.kinds['object'] ?? {}).join(', ')}`,
    ];
  }
  const unseen = (seen: Vocabulary['canDo'], kind: string, how: string): string[] =>
    objects.flatMap((object) => {
      const usual = seen[object];
      const odd = named(kind).filter((word) => usual?.includes(word) === false);
      return odd.map(
        (word) => `has a ${object} ${how} "${word}", which the models never saw; they saw ${String(usual?.join(', '))}`,
      );
    });
  return [...unseen(vocabulary.canBeAt, 'place', 'at'), ...unseen(vocabulary.canDo, 'motion', 'in motion')];
}
