import { type PiperVoice, piperMarks } from '../../story/models/piper-voice.ts';

/** Words between two marks, and the mark behind them as the phoneme tables of Piper know it. */
export interface Clause {
  readonly words: string;
  /** `''` at the end of a text without one. */
  readonly mark: '.' | ',' | ':' | ';' | '?' | '!' | '';
}

/** Marks of other scripts, and what they are in the tables. */
const marks: Readonly<Record<string, Exclude<Clause['mark'], ''>>> = {
  '.': '.',
  '…': '.',
  '。': '.',
  '।': '.',
  '۔': '.',
  ',': ',',
  '，': ',',
  '、': ',',
  '،': ',',
  ':': ':',
  '：': ':',
  ';': ';',
  '；': ';',
  '؛': ';',
  '?': '?',
  '？': '?',
  '؟': '?',
  '!': '!',
  '！': '!',
};

/** Behind a mark, and the quotes and brackets that close there, when a space follows; behind a full-width mark in any case. */
const ends = /(?<=[.…।۔,،:;؛?؟!]["'”’»)\]]*)\s+|(?<=[。，、：；？！]["”’」』）]*)(?!["”’」』）\s]|$)|\n+/u;
const lastMark = /([.…。।۔,，、،:：;；؛?？؟!！])["'”’»」』）)\]]*$/u;

/** A text in sentences of clauses. A number as 3.5 stays whole. */
export function sentencesOf(text: string): readonly (readonly Clause[])[] {
  const sentences: Clause[][] = [];
  const sentence: Clause[] = [];
  for (const piece of text.split(ends)) {
    const words = piece.trim();
    if (words === '') continue;
    const mark = marks[lastMark.exec(words)?.[1] ?? ''] ?? '';
    sentence.push({ words, mark });
    if (mark === '.' || mark === '?' || mark === '!') sentences.push(sentence.splice(0));
  }
  if (sentence.length > 0) sentences.push(sentence);
  return sentences;
}

/** The phonemes of a clause as signs of Unicode, with its mark: what espeak-ng wrote, without its notes on other languages. */
export function phonemesOf(spoken: string, mark: Clause['mark']): readonly string[] {
  const plain = spoken
    .replace(/\([^)]*\)/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
  if (plain === '') return [];
  const pause = mark === ',' || mark === ':' || mark === ';' ? ' ' : '';
  return Array.from(`${plain}${mark}${pause}`.normalize('NFD'));
}

/** Numbers of the phonemes of a sentence, and how many of them the voice does not have: those are left out. */
export interface SpokenIds {
  readonly ids: readonly number[];
  readonly known: number;
  readonly unknown: readonly string[];
}

/** Phonemes as a voice reads them: its sign for nothing stands behind each, and its signs for begin and end around them. */
export function idsOf(phonemes: readonly string[], { ids: table }: Pick<PiperVoice, 'ids'>): SpokenIds {
  const of = (sign: string): readonly number[] => (Object.hasOwn(table, sign) ? (table[sign] ?? []) : []);
  const [begin, end, between] = [of(piperMarks.begin), of(piperMarks.end), of(piperMarks.between)];
  const known = phonemes.filter((phoneme) => of(phoneme).length > 0);
  const ids = known.flatMap((phoneme) => [...of(phoneme), ...between]);
  return {
    ids: [...begin, ...between, ...ids, ...end],
    known: known.filter((phoneme) => /\p{L}/u.test(phoneme)).length,
    unknown: [...new Set(phonemes.filter((phoneme) => of(phoneme).length === 0))],
  };
}
