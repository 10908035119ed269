import type { Command } from 'commander';
import type { Cli } from '../shell/cli.ts';
import { cliConfigFromEnv } from '../shell/config.ts';
import { environmentVariables } from '../shell/environment-help.ts';
import { exitCodes } from '../shell/exit-codes.ts';
import { shotlineProgram } from '../program.ts';

/** A command line that is only looked at. */
const speechless: Cli = {
  terminal: {
    out: () => undefined,
    note: () => undefined,
    draw: () => undefined,
    interactive: false,
    colour: false,
    columns: () => helpWidth,
    rows: () => 24,
  },
  env: {},
  root: '',
  config: () => cliConfigFromEnv({}, '/'),
  interruption: () => new AbortController().signal,
  exit: () => undefined,
};

/** Width that the reference is laid out for; a terminal's own width must not change a committed page. */
const helpWidth = 100;

/** The page `docs/cli.md`: the help of every command, the environment and the exit codes. */
export function cliReference(): string {
  const program = documentedProgram();
  const sections = commandsOf(program).map((command) =>
    [`## ${fullName(command)}`, '', '```', helpOf(command), '```', ''].join('\n'),
  );
  return [
    '# The command `shotline`',
    '',
    'Written by `npm run docs:cli` from the help texts of the command; a test keeps it equal.',
    'Results go to stdout, progress and errors to stderr. In the folder of the repository `shotline` is `npx shotline`; `npm link` puts it on the PATH.',
    'For pipes and `$(…)` do not take `npm run shotline --`, which prints two lines of its own first.',
    '',
    '<!-- prettier-ignore-start -->',
    '',
    '## Exit codes',
    '',
    '| code | meaning |',
    '| --- | --- |',
    ...exitCodes.map(({ code, meaning }) => `| ${String(code)} | ${meaning} |`),
    '',
    '## Environment',
    '',
    '| variable | meaning |',
    '| --- | --- |',
    ...environmentVariables.map(({ name, meaning }) => `| \`${name}\` | ${meaning} |`),
    '',
    ...sections,
    '<!-- prettier-ignore-end -->',
    '',
  ].join('\n');
}

/** The command line without a terminal, to be looked at. */
export function documentedProgram(): Command {
  return shotlineProgram(speechless, '');
}

/** Commands that do something, in the order of the help. A group does something itself when it has options of its own. */
function commandsOf(program: Command): Command[] {
  return program.commands.flatMap((command) => {
    const isGroup = command.commands.length > 0 && command.options.length === 0;
    return [...(isGroup ? [] : [command]), ...commandsOf(command)];
  });
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

function helpOf(command: Command): string {
  let text = '';
  const collect = (part: string) => {
    text += part;
  };
  command.configureHelp({ helpWidth });
  command.configureOutput({ ...command.configureOutput(), writeOut: collect, getOutHasColors: () => false });
  command.outputHelp();
  return text.trimEnd();
}
