import type { Command } from 'commander';
import { loadSetWords } from '../../client/set-words.ts';
import type { SetWords } from '../../story/language/prompt-warnings.ts';
import { promptReader } from '../../story/language/read-prompts.ts';
import { runCommand } from '../shell/cli.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';
import { examplesText } from '../shell/help-text.ts';
import { textTable } from '../shell/text-table.ts';

interface WordsOptions {
  readonly json?: boolean;
  readonly models: string;
}

/** `shotline words`. */
export function addWordsCommand(program: Command, cli: Cli): void {
  program
    .command('words')
    .summary('what the models understand')
    .description(
      'Lists the words that a model set learned, what each thing can do and where it can be. With a sentence: how the models read it, ' +
        'and the nearest sentence that they follow. Needs no servers.',
    )
    .argument('[sentence]', 'a prompt, in quotes')
    .option('--models <set>', 'model set', 'pocket')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      examplesText([
        { command: 'shotline words', does: 'Everything that can be said:' },
        { command: 'shotline words "a cabin in the snow at dusk"', does: 'How a sentence is best said:' },
      ]),
    )
    .action((sentence: string | undefined, options: WordsOptions) =>
      runCommand(cli, options, () => words(cli, sentence, options)),
    );
}

async function words(cli: Cli, text: string | undefined, { json = false, models }: WordsOptions): Promise<Outcome> {
  const known = await loadSetWords(cli.config().modelsDir, models);
  const lines = text === undefined ? languageLines(models, known) : sentenceLines(models, known, text);
  cli.terminal.out(
    json ? JSON.stringify(text === undefined ? (known?.vocabulary ?? null) : readingOf(known, text)) : lines.join('\n'),
  );
  return 'ok';
}

const columns = (...titles: string[]): { title: string }[] => titles.map((title) => ({ title }));
const unbounded = (models: string): string =>
  `The model set ${models} does not say which words it knows: write what you like.`;

function languageLines(models: string, known: SetWords | null): readonly string[] {
  if (known === null) return [unbounded(models)];
  const { kinds, canDo, canBeAt, verbs } = known.vocabulary;
  const phrases = Object.entries(kinds).flatMap(([kind, all]) =>
    Object.entries(all)
      .filter(([, list]) => list.length > 0)
      .map(([word, list], index) => [index === 0 ? kind : '', word, list.join(', ')]),
  );
  const things = Object.keys(kinds['object'] ?? {}).map((thing) => [
    thing,
    (canBeAt[thing] ?? []).join(', '),
    (canDo[thing] ?? []).join(', '),
    verbs[thing] === undefined ? '' : `${verbs[thing]} to the left, ${verbs[thing]} right`,
  ]);
  return [
    ...textTable(columns('KIND', 'WORD', 'SAID AS'), phrases),
    '',
    ...textTable(columns('THING', 'CAN BE AT', 'CAN DO', 'AND'), things),
    '',
    ...ruleLines(known),
  ];
}

function ruleLines({ language }: SetWords): readonly string[] {
  if (language === undefined) return [];
  const over = Object.values(language.over).flat().join(', ');
  return [
    'One thing in each sentence. Put together as: a big red ball rolls to the right on the grass at sunset.',
    `It is "over" a place with: ${over}; with all else "on" it.`,
    'shotline words "<sentence>" reads a sentence; validate --rewrite puts a story file in such sentences.',
  ];
}

function readingOf(known: SetWords | null, text: string): Readonly<Record<string, unknown>> {
  if (known?.language === undefined) return { sentence: text, better: null };
  const { sentence, plain, isLearned } = promptReader(known.vocabulary, known.language)(text);
  const said = sentence.phrases.map(({ kind, word, phrase }) => ({ kind, word, phrase }));
  const { unknown, cannot } = sentence;
  return {
    sentence: text,
    said,
    unknown,
    cannot,
    better: isLearned ? null : (plain?.text ?? null),
    changes: plain?.changes ?? [],
  };
}

function sentenceLines(models: string, known: SetWords | null, text: string): readonly string[] {
  if (known?.language === undefined) return [unbounded(models)];
  const { vocabulary, language } = known;
  const { sentence, plain, isLearned } = promptReader(vocabulary, language)(text);
  const said = sentence.phrases.map(({ kind, word, phrase }) => [kind, word, `"${phrase}"`]);
  const unknown = sentence.unknown.map((word) => `"${word}" is a word they do not know`);
  if (plain === null) {
    const things = Object.keys(vocabulary.kinds['object'] ?? {}).join(', ');
    const cannot = sentence.cannot.map(([word, reason]) => `"${word}" is left out, which ${reason}`);
    return [...unknown, ...cannot, `It names no thing that the models know; they know ${things}.`];
  }
  return [
    ...textTable(columns('KIND', 'WORD', 'SAID AS'), said),
    '',
    ...(isLearned
      ? ['The models learned to follow this sentence.']
      : [...unknown, ...plain.changes, '', `better: ${plain.text}`]),
  ];
}
