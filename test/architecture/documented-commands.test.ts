import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { documentedProgram } from '../../cli/reference/reference.ts';

/** What the pages tell readers to type exists, and what can run without servers runs. */

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const pages = spawnSync('git', ['ls-files', '*.md', ':!CHANGELOG.md'], { cwd: root, encoding: 'utf8' })
  .stdout.split('\n')
  .filter((page) => page !== '');

interface Mention {
  readonly page: string;
  readonly words: readonly string[];
}

/** Commands of the shell blocks and of the code spans of a page, split where a shell splits them. */
function commandsOf(page: string): string[] {
  const text = read(page);
  const blocks = [...text.matchAll(/^```(?:sh|bash)\n(.*?)^```/gms)].map(([, block]) => block!.replaceAll('\\\n', ' '));
  const spans = [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, span]) => span!);
  const prompts = [...text.matchAll(/^\s*\$ (.+)$/gm)].map(([, line]) => line!);
  return [...blocks.flatMap((block) => block.split('\n')), ...spans, ...prompts]
    .flatMap((line) => line.replace(/(^|\s)#.*$/, '').split(/&&|\|\||[|;]/))
    .map((command) => command.trim());
}

/** Mentions of commands that begin in a certain way, without the variables before them and without that beginning. */
function mentions(beginning: RegExp): Mention[] {
  return pages.flatMap((page) =>
    commandsOf(page).flatMap((command) => {
      const bare = command.replace(/^(?:[A-Z_]+=\S*\s+)+/, '');
      const match = beginning.exec(bare);
      if (match?.index !== 0) return [];
      return [
        {
          page,
          words: bare
            .slice(match[0].length)
            .split(/\s+/)
            .filter((word) => word !== ''),
        },
      ];
    }),
  );
}

const shotline = mentions(/(?:npm run (?:-s )?shotline --|npx shotline|node cli\/shotline\.mjs|shotline)(?=\s|$)/);

/** What is wrong with a command line: a verb or an option that does not exist. `…`, `|` and `<…>` stand for anything. */
function faultOf(program: Command, words: readonly string[]): string | null {
  let command = program;
  const rest = [...words];
  for (let next = rest[0]; next !== undefined && command.commands.length > 0; next = rest[0]) {
    if (next.startsWith('-') || /^[…<[]/.test(next)) break;
    const alternatives = next.split('|').map((name) => command.commands.find((each) => each.name() === name));
    if (alternatives.includes(undefined)) return `there is no ${command.name()} ${next}`;
    command = alternatives[0]!;
    rest.shift();
  }
  const known = [...command.options, ...program.options].flatMap(({ long, short }) => [long, short, '--help', '-h']);
  const unknown = rest
    .map((word) => word.split('=')[0]!)
    .find((word) => /^--?[a-z]/.test(word) && !known.includes(word));
  return unknown === undefined ? null : `${command.name()} has no option ${unknown}`;
}

test('every `shotline` command in the pages exists, with its options', () => {
  expect(shotline.length).toBeGreaterThan(30);
  const program = documentedProgram();
  const faults = shotline.flatMap(({ page, words }) => {
    const fault = faultOf(program, words);
    return fault === null ? [] : [`${page}: shotline ${words.join(' ')}: ${fault}`];
  });
  expect(faults).toEqual([]);
});

test('every npm script, file and Python module that the pages name exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const faults: string[] = [];
  for (const { page, words } of mentions(/npm run (?:-s )?/)) {
    if (scripts[words[0]!] === undefined) faults.push(`${page}: npm run ${words[0]!}`);
  }
  for (const { page, words } of mentions(/(?:npx tsx|node --import tsx) /)) {
    if (!existsSync(join(root, words[0]!))) faults.push(`${page}: npx tsx ${words[0]!}`);
  }
  for (const { page, words } of mentions(/(?:\S*\/)?python3? -m (?=models\.)/)) {
    const path = join(root, words[0]!.replaceAll('.', '/'));
    if (!existsSync(`${path}.py`) && !existsSync(join(path, '__main__.py'))) faults.push(`${page}: ${words[0]!}`);
  }
  expect(faults).toEqual([]);
});

describe('the README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shotline-readme-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const stories = [...read('README.md').matchAll(/^```yaml\n(.*?)^```/gms)].map(([, story]) => story!);

  test.each(stories.map((story, index) => ({ story, index })))(
    'has a story $index that is valid, in words that the models know',
    ({ story, index }) => {
      const file = join(folder, `story-${String(index)}.yaml`);
      // A single shot is shown as an item of the list that it goes into.
      writeFileSync(file, story.startsWith('- ') ? `shots:\n${story}` : story);
      const run = spawnSync(process.execPath, ['cli/shotline.mjs', 'plan', file], {
        cwd: root,
        env: { PATH: process.env['PATH'], SHOTLINE_CACHE: folder },
        encoding: 'utf8',
      });
      expect({ code: run.status, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
    },
    60_000,
  );
});
