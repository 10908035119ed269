import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordingCli } from '../../test/fakes/recording-cli.ts';
import { shotlineProgram } from '../program.ts';

let dir: string;

beforeAll(async () => (dir = await mkdtemp(join(tmpdir(), 'shotline-words-'))));
afterAll(() => rm(dir, { recursive: true }));

/** Runs a command of the real command line with the real models. */
async function run(...args: string[]): Promise<{ out: string; notes: string; code: number }> {
  const kept = recordingCli();
  await shotlineProgram(kept.cli, '0').parseAsync(args, { from: 'user' });
  return { out: kept.out.join('\n'), notes: kept.notes.join('\n'), code: kept.code };
}

const written = [
  '# A walk',
  'shots:',
  '  - id: house # first',
  '    prompt: a white house stands still in the snow at night',
  '  - id: boat',
  '    prompt: a red boat sails to the right on the sea at sunset',
  '',
].join('\n');

async function file(text: string): Promise<string> {
  const path = join(dir, 'story.yaml');
  await writeFile(path, text);
  return path;
}

test('validate offers a better sentence with its line, --rewrite writes it and nothing else into the file', async () => {
  const path = await file(written);
  expect((await run('validate', path)).notes).toBe(
    `${path}:4: warning: shots[0].prompt is better said "a white house stands still on the snow at night": "in the snow" is "on the snow"; --rewrite takes it`,
  );
  const { notes, code } = await run('validate', path, '--rewrite');
  expect([code, notes]).toEqual([
    0,
    `${path}: shot house: "a white house stands still in the snow at night" is now "a white house stands still on the snow at night"`,
  ]);
  expect(await readFile(path, 'utf8')).toBe(written.replace('in the snow', 'on the snow'));
  expect((await run('validate', path, '--rewrite', '--strict')).notes).toBe(`${path}: no prompt needs other words`);
});

test('--strict refuses what is warned of, with code 3 and the line', async () => {
  const path = await file(written);
  const { notes, code, out } = await run('validate', path, '--strict');
  expect([code, out]).toEqual([3, '']);
  expect(notes).toMatch(/story\.yaml:4: shots\[0\]\.prompt is better said/);
});

test('--rewrite leaves what it cannot write, says so, and rewrites the others', async () => {
  const path = await file(
    [
      'shots:',
      '  - { id: a, prompt: &p a cabin on the snow at night }',
      '  - { id: b, prompt: *p }',
      '  - { id: c, prompt: a boat in the sea at night }',
      '',
    ].join('\n'),
  );
  const { notes } = await run('validate', path, '--rewrite');
  expect(notes).toMatch(/shot a stays as it is: --rewrite cannot change the prompt of a/);
  expect(notes).toContain('shot c: "a boat in the sea at night" is now "a boat on the sea at night"');
  expect(await readFile(path, 'utf8')).toContain('a boat on the sea at night');
});

test('--rewrite says when it can do nothing for what is warned of', async () => {
  const path = await file('shots:\n  - { id: a, prompt: a dragon on the moon }\n');
  const { notes } = await run('validate', path, '--rewrite');
  expect(notes).toContain('no prompt can be rewritten; what is warned of needs you');
});

test('--rewrite has nowhere to write what comes from stdin', async () => {
  const { notes, code } = await run('validate', '-', '--rewrite');
  expect([code, notes]).toEqual([2, expect.stringMatching(/--rewrite changes the story file, and stdin is none/)]);
});

test('words lists what can be said, and reads a sentence', async () => {
  const all = (await run('words')).out;
  for (const part of ['windmill  windmill, mill', 'on a sunny day', 'CAN BE AT', 'balloon, rise, fall']) {
    expect(all).toContain(part);
  }
  expect((await run('words', 'a cabin in the snow')).out).toMatch(/"cabin" is "house"[^]*better: a house on the snow/);
  expect((await run('words', 'a house on the snow at night')).out).toMatch(/learned to follow this sentence\.$/);
  expect((await run('words', 'a sofa')).out).toMatch(/^"sofa" is a word they do not know\nIt names no thing/);
  expect(JSON.parse((await run('words', 'a cabin in the snow', '--json')).out)).toMatchObject({
    better: 'a house on the snow on a sunny day',
    said: [
      { kind: 'object', word: 'house', phrase: 'cabin' },
      { kind: 'place', word: 'snow', phrase: 'snow' },
    ],
  });
});
