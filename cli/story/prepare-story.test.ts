import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordingCli } from '../../test/fakes/recording-cli.ts';
import { errorLines, reportOf } from '../shell/error-report.ts';
import { noteWarnings } from './story-warnings.ts';
import { preparePath } from './prepare-story.ts';

let dir: string;
const { cli, notes } = recordingCli();

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-prepare-'));
  await copyFile(join(cli.root, 'examples/pictures/boat-left.png'), join(dir, 'boat.png'));
});
afterAll(() => rm(dir, { recursive: true }));

const story = async (...lines: string[]): Promise<string> => {
  const file = join(dir, 'story.yaml');
  await writeFile(file, lines.join('\n'));
  return file;
};
const told = async (file: string): Promise<string[]> =>
  preparePath(cli, file).then(
    () => [],
    (error: unknown) => errorLines(reportOf(error, dir)).map((line) => line.replace(file, 'story.yaml')),
  );

test.each([
  ['seconds', ['    seconds: 100'], 4],
  ['a place in keyframes', ['    keyframes:', `      99: boat.png`], 5],
  ['freeu of a model that has none', ['    freeu: true', 'models: { base: latte }'], 4],
])('what is found when the story is planned has file and line: %s', async (_, lines, line) => {
  const problems = await told(await story('shots:', '  - id: a', '    prompt: a red boat on the sea', ...lines));
  expect(problems[0]).toMatch(new RegExp(`^story\\.yaml:${String(line)}: shots\\[0\\]`));
  expect(problems.at(-1)).toBe('story.yaml: 1 problem');
});

test.each([
  [
    '2.39:1',
    'left',
    /^shots\[0\]\.focus is "left"; the film is 3840x1606 and loses of its clips' height alone; say top, middle or bottom$/,
  ],
  [
    '9:16',
    'bottom',
    /^shots\[0\]\.focus is "bottom"; the film is 2160x3840 and loses of its clips' width alone; say left, middle or right$/,
  ],
  ['9:16', 'left', null],
  ['16:9', 'left', null],
])('a focus that means nothing in a film of %s is a warning with its line: %s', async (output, focus, warning) => {
  const file = await story(
    `output: ${output}`,
    'shots:',
    `  - { id: a, prompt: a red boat on the sea, focus: ${focus} }`,
    '  - { id: b, prompt: a red boat on the sea, focus: middle }',
  );
  const { warnings } = await preparePath(cli, file);
  const found = warnings.filter(({ path }) => path.endsWith('focus'));
  expect(found).toEqual(
    warning === null ? [] : [{ path: 'shots[0].focus', line: 3, message: expect.stringMatching(warning) as unknown }],
  );
});

test('pictures outside the folder are told with file, line, rule and what to do, and are read when they are allowed', async () => {
  const outside = join(cli.root, 'examples/pictures/boat-left.png');
  const file = await story('shots:', '  - id: a', '    prompt: a red boat on the sea', `    animate: ${outside}`);
  expect(await told(file)).toEqual([
    `story.yaml:4: shots[0].animate is "${outside}", which lies outside the folder of the script; pictures lie in that folder or below it: copy it there, or allow others with --allow-outside`,
    'story.yaml: 1 problem',
  ]);
  expect((await preparePath(cli, file, { allowOutside: true })).pictures).toHaveLength(1);
});

test('a story of too many tasks names its file', async () => {
  const shots = Array.from(
    { length: 120 },
    (_, index) => `  - { id: s${String(index)}, prompt: a red boat, seconds: 85 }`,
  );
  expect((await told(await story('shots:', ...shots))).join('\n')).toMatch(/story\.yaml:\d+: .*tasks/);
});

test('warnings have lines: of words that the models do not know, and of what YAML takes away', async () => {
  const file = await story(
    'shots:',
    '  - id: a',
    '    prompt: a red boat on the sea #1',
    '  - id: b',
    '    prompt: a dragon',
  );
  const { warnings } = await preparePath(cli, file);
  noteWarnings(cli, 'story.yaml', warnings);
  expect(notes).toEqual([
    expect.stringMatching(/^story\.yaml:3: warning: shots\[0\]\.prompt: what follows " #" is a comment/),
    expect.stringMatching(/^story\.yaml:5: warning: shots\[1\]\.prompt says "dragon"/),
    expect.stringMatching(/^story\.yaml:5: warning: shots\[1\]\.prompt names no thing/),
  ]);
});
