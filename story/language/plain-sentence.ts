import type { Vocabulary } from '../models/vocabulary.ts';
import type { Language } from './language.ts';
import { prepositions } from './read-sentence.ts';
import type { SaidPhrase, Sentence } from './read-sentence.ts';

/** A sentence as the models learned them, for one that they did not. */
export interface PlainSentence {
  readonly text: string;
  /** What is said in another way there, or left out beside words that are not known: `"in the snow" is "on the snow"`. */
  readonly changes: readonly string[];
}

const atSide = (said: SaidPhrase): boolean => said.word === 'left' || said.word === 'right';

/**
 * The nearest sentence that the models learned to follow; `null` when it names no thing that they know, for then there is nothing to show.
 *
 * Sentences are built as their captions were: `a big red ball rolls to the right on the grass on the left at sunset`. What the writer said in
 * a way that was learned stays as it was said.
 */
export function plainSentence(sentence: Sentence, vocabulary: Vocabulary, language: Language): PlainSentence | null {
  const changes: string[] = [];
  const first = (kind: string): SaidPhrase | undefined => sentence.phrases.find((said) => said.kind === kind);
  const things = sentence.phrases.filter(({ kind }) => kind === 'object');
  const object = things[0];
  if (object === undefined) return null;
  for (const other of things.slice(1)) {
    if (other.word !== object.word) changes.push(`"${other.phrase}" is left out: a shot shows one thing`);
  }
  for (const [word, reason] of sentence.cannot) changes.push(`"${word}" is left out, which ${reason}`);

  const usual = (kind: 'place' | 'motion'): readonly string[] | undefined =>
    (kind === 'place' ? vocabulary.canBeAt : vocabulary.canDo)[object.word];
  /** What is said of a kind, if such a thing was ever seen so. */
  const possible = (kind: 'place' | 'motion'): SaidPhrase | undefined => {
    const said = first(kind);
    if (said === undefined || usual(kind)?.includes(said.word) !== false) return said;
    changes.push(`"${said.phrase}" is left out: they never saw a ${object.word} so`);
    return undefined;
  };
  const phrasesOf = (kind: string, word: string): readonly string[] => vocabulary.kinds[kind]?.[word] ?? [];
  /** In learned words. */
  const text = (said: SaidPhrase | undefined, kind: string): string => {
    if (said === undefined) return phrasesOf(kind, language.unsaid[kind] ?? '')[0] ?? '';
    const plain = said.learned ?? ownVerb(said) ?? phrasesOf(kind, said.word)[0] ?? '';
    if (said.learned === null) changes.push(`"${said.phrase}" is "${plain}"`);
    return plain;
  };
  const ownVerb = (said: SaidPhrase): string | undefined => {
    const verb = vocabulary.verbs[object.word];
    return said.kind === 'motion' && atSide(said) && verb !== undefined ? `${verb} to the ${said.word}` : undefined;
  };

  const noun = [text(first('size'), 'size'), text(first('colour'), 'colour'), text(object, 'object')]
    .filter(Boolean)
    .join(' ');
  const motion = possible('motion');
  const verb = text(motion, 'motion');
  const place = placeOf(possible('place'), usual('place'), text, vocabulary);
  const isOver = [object, motion].some(
    (said) => said !== undefined && language.over[said.kind]?.includes(said.word) === true,
  );
  const before = isOver ? 'over' : 'on';
  const said = first('place');
  const written = said === undefined ? null : prepositionBefore(sentence, said.at);
  if (written !== null && written !== before && place !== '')
    changes.push(`"${written} ${place}" is "${before} ${place}"`);
  const position = motion !== undefined && atSide(motion) ? '' : text(first('position'), 'position');
  const sky = text(first('sky'), 'sky');
  const isPan = motion?.word === 'pan';
  const parts = [
    /^[aeiou]/.test(noun) ? 'an' : 'a',
    noun,
    isPan ? '' : verb,
    place === '' ? '' : `${before} ${place}`,
    position,
    sky,
    isPan ? verb : '',
  ];
  return { text: parts.filter(Boolean).join(' '), changes };
}

/** The place in learned words; one where such a thing can be when none is said that could be taken. */
function placeOf(
  said: SaidPhrase | undefined,
  usual: readonly string[] | undefined,
  text: (said: SaidPhrase | undefined, kind: string) => string,
  vocabulary: Vocabulary,
): string {
  if (said !== undefined || usual === undefined) return text(said, 'place');
  const [unsaid = ''] = usual.includes('meadow') ? ['meadow'] : usual;
  return vocabulary.kinds['place']?.[unsaid]?.[0] ?? '';
}

/** The word before a phrase that says how a thing is there, articles and `of` aside. */
function prepositionBefore({ words }: Sentence, at: number): string | null {
  for (let before = at - 1; before >= Math.max(0, at - 2); before--) {
    const word = words[before] ?? '';
    if (prepositions.includes(word) && word !== 'of') return word;
    if (!['a', 'an', 'the', 'of'].includes(word)) return null;
  }
  return null;
}
