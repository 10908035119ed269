import { wordsOf } from '../script/phrases.ts';
import type { Vocabulary } from '../models/vocabulary.ts';
import type { Language } from './language.ts';
import { readingsOf } from './pattern.ts';

/** A phrase in a sentence, and what it says. */
export interface SaidPhrase {
  readonly kind: string;
  readonly word: string;
  /** As it stands there, without an article. */
  readonly phrase: string;
  /** As the models learned it; `null` when they did not. */
  readonly learned: string | null;
  /** Where it begins, in words. */
  readonly at: number;
}

/** A sentence, read. */
export interface Sentence {
  readonly words: readonly string[];
  readonly phrases: readonly SaidPhrase[];
  /** Words that say nothing to the models. */
  readonly unknown: readonly string[];
  /** Words for what no sentence can say, each with the reason. */
  readonly cannot: readonly (readonly [word: string, reason: string])[];
}

interface Entry {
  readonly kind: string;
  readonly word: string;
  readonly words: readonly string[];
  readonly learned: string | null;
}

const articles = ['a', 'an', 'the', 'this', 'that', 'some', 'its', 'their', 'his', 'her'];
/** What may stand before a place. */
export const prepositions = [
  'on over in at above across along through by near beside into onto upon',
  'around down up from off out of to towards toward behind under past',
].flatMap((row) => row.split(' '));
const small = [
  'and',
  'is',
  'are',
  'was',
  'be',
  'being',
  'with',
  'while',
  'as',
  'it',
  'there',
  'which',
  'who',
  'very',
  'then',
  'has',
  'for',
];

const takenAway = 'is not shown, so need not be said';
/** Words that take away what follows: `no boat`, `without a red boat`. */
const takesAway = ['no', 'not', 'without', 'never'];

/** Whether a thing is named to be left out: such a word stands before it, its article, its size and its colour. */
function isTakenAway(words: readonly string[], at: number, said: readonly SaidPhrase[]): boolean {
  const described = (word: string): boolean =>
    said.some(({ kind, phrase }) => (kind === 'size' || kind === 'colour') && phrase === word);
  let before = at - 1;
  while (before >= 0 && (articles.includes(words[before] ?? '') || described(words[before] ?? ''))) before -= 1;
  return takesAway.includes(words[before] ?? '');
}

/** How many words after a verb of going may come before the way it goes. */
const longestWay = 7;
const ways: Readonly<Record<string, string>> = {
  left: 'left',
  leftward: 'left',
  leftwards: 'left',
  right: 'right',
  rightward: 'right',
  rightwards: 'right',
};

/** Reads sentences with the words that a model set knows, and with those that people use for the same. */
export class SentenceReader {
  readonly #entries = new Map<string, Entry[]>();
  /** `sailing` → `sails`. */
  readonly #verbOf: ReadonlyMap<string, string>;
  /** `boats` → what `boat` is. */
  readonly #plurals: ReadonlyMap<string, Entry>;
  readonly #moves: ReadonlySet<string>;
  readonly #silent: ReadonlySet<string>;
  readonly #cannot: ReadonlyMap<string, string>;

  constructor(vocabulary: Vocabulary, language: Language) {
    const entries = [...learnedEntries(vocabulary), ...saidEntries(language)];
    for (const entry of entries) {
      const first = firstOf(entry.words);
      this.#entries.set(first, [...(this.#entries.get(first) ?? []), entry]);
    }
    // The longest first, and what was learned before what only means the same.
    for (const list of this.#entries.values()) {
      list.sort((a, b) => b.words.length - a.words.length || Number(a.learned === null) - Number(b.learned === null));
    }
    this.#moves = new Set([...language.moves, ...Object.values(vocabulary.verbs)]);
    const motions = entries.filter(({ kind }) => kind === 'motion').map(({ words }) => firstOf(words));
    this.#verbOf = new Map([...motions, ...this.#moves].flatMap((verb) => formsOf(verb).map((form) => [form, verb])));
    const nouns = entries.filter(({ kind, words }) => kind === 'object' && words.length === 1);
    this.#plurals = new Map(nouns.map((entry) => [`${firstOf(entry.words)}s`, { ...entry, learned: null }]));
    this.#silent = new Set([...articles, ...prepositions, ...small, ...language.ignored]);
    this.#cannot = new Map(Object.entries(language.cannot));
  }

  /** Reads a sentence, of any case and with any punctuation. */
  read(text: string): Sentence {
    const words = wordsOf(text);
    const [phrases, unknown, cannot]: [SaidPhrase[], string[], (readonly [string, string])[]] = [[], [], []];
    const wayAt = new Set<number>();
    for (let at = 0; at < words.length;) {
      const word = words[at] ?? '';
      const entry = this.#entryAt(words, at);
      const way = this.#wayAfter(words, at);
      if (entry !== undefined && (way === null || entry.words.length > 1)) {
        const phrase = entry.words.join(' ');
        if (entry.kind === 'object' && isTakenAway(words, at, phrases)) cannot.push([phrase, takenAway]);
        else phrases.push({ ...entry, phrase, at });
        at += entry.words.length;
        continue;
      }
      const plural = this.#plurals.get(word);
      const reason = this.#cannot.get(word);
      if (way !== null) {
        for (let between = at + 1; between <= way; between++) wayAt.add(between);
        phrases.push({
          kind: 'motion',
          word: ways[words[way] ?? ''] ?? '',
          phrase: words.slice(at, way + 1).join(' '),
          learned: null,
          at,
        });
      } else if (plural !== undefined && isTakenAway(words, at, phrases)) {
        cannot.push([word, takenAway]);
      } else if (plural !== undefined) {
        phrases.push({ ...plural, phrase: word, at });
        cannot.push([word, 'are more than one thing, and a shot shows one']);
      } else if (reason !== undefined) cannot.push([word, reason]);
      else if (this.#moves.has(this.#plain(word))) {
        cannot.push([word, 'does not say which way: add "to the left" or "to the right"']);
      } else if (!this.#silent.has(word) && !(wayAt.has(at) && ways[word] !== undefined)) unknown.push(word);
      at += 1;
    }
    return { words, phrases, unknown: [...new Set(unknown)], cannot };
  }

  #plain(word: string): string {
    return this.#verbOf.get(word) ?? word;
  }

  /** The longest phrase that stands at a place, in whatever form its verb is. */
  #entryAt(words: readonly string[], at: number): Entry | undefined {
    const fits = ({ words: wanted }: Entry): boolean =>
      wanted.every((each, n) => words[at + n] === each || this.#plain(words[at + n] ?? '') === each);
    const [asWritten, asVerb] = [words[at] ?? '', this.#plain(words[at] ?? '')].map((first) =>
      this.#entries.get(first)?.find(fits),
    );
    return (asVerb?.words.length ?? 0) > (asWritten?.words.length ?? 0) ? asVerb : (asWritten ?? asVerb);
  }

  /** Where the way stands that a verb of going goes; the last one of `from right to left`. `null` when it says none. */
  #wayAfter(words: readonly string[], at: number): number | null {
    if (!this.#moves.has(this.#plain(words[at] ?? ''))) return null;
    let found: number | null = null;
    for (let next = at + 1; next < words.length && next <= at + longestWay; next++) {
      if (this.#moves.has(this.#plain(words[next] ?? ''))) break;
      const isPlace = words[next - 1] === 'the' && ['on', 'at'].includes(words[next - 2] ?? '');
      if (ways[words[next] ?? ''] !== undefined && !isPlace) found = next;
    }
    return found;
  }
}

function learnedEntries({ kinds, verbs }: Vocabulary): Entry[] {
  const plain = Object.entries(kinds).flatMap(([kind, words]) =>
    Object.entries(words).flatMap(([word, phrases]) => phrases.map((phrase) => learned(kind, word, phrase))),
  );
  const own = ['left', 'right'].flatMap((way) =>
    Object.values(verbs).flatMap((verb) => [
      learned('motion', way, `${verb} ${way}`),
      learned('motion', way, `${verb} to the ${way}`),
    ]),
  );
  return [...plain, ...own];
}

const firstOf = (words: readonly string[]): string => words[0] ?? '';

/** `the meadow` may follow any article, so it is known by `meadow`. */
function learned(kind: string, word: string, phrase: string): Entry {
  const words = wordsOf(phrase);
  return { kind, word, words: articles.includes(firstOf(words)) ? words.slice(1) : words, learned: phrase };
}

function saidEntries({ alsoSaid }: Language): Entry[] {
  return Object.entries(alsoSaid).flatMap(([kind, words]) =>
    Object.entries(words).flatMap(([word, patterns]) =>
      patterns
        .flatMap(readingsOf)
        .map((reading) => ({ kind, word, words: wordsOf(reading), learned: null }))
        .filter(({ words: said }) => said.length > 0),
    ),
  );
}

/** Other forms of a verb in its third person: `sails` → `sail`, `sailing`, `sailed`; `hops` → `hop`, `hopping`, `hopped`. */
function formsOf(verb: string): string[] {
  if (!verb.endsWith('s') || verb.length < 4) return [];
  const stems = verb.endsWith('es') ? [verb.slice(0, -1), verb.slice(0, -2)] : [verb.slice(0, -1)];
  return stems.flatMap((stem) => {
    const short = stem.endsWith('e') ? stem.slice(0, -1) : stem;
    const doubled = `${short}${short.at(-1) ?? ''}`;
    return [stem, ...[short, doubled].flatMap((base) => [`${base}ing`, `${base}ed`])];
  });
}
