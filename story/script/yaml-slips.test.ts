import { describe, expect, test } from '@jest/globals';
import { lines, problemsOf } from '../../test/fakes/example-script.ts';
import { parseScript } from './parse-script.ts';
import { readScript } from './read-script.ts';

/** A story whose first shot has one more line; that line is the fourth. */
const withLine = (line: string): string =>
  lines('title: T', 'shots:', '  - id: a', `    ${line}`, '  - id: b', '    prompt: p');
const told = (text: string): string[] => problemsOf(text).map(({ line, message }) => `${String(line)}: ${message}`);

describe('a slip of YAML is told by what helps', () => {
  test.each([
    [
      'prompt: Scene 1: a boat',
      "a colon and a space, which YAML takes for its own; put the whole text in quotes: prompt: 'Scene 1: a boat'",
    ],
    [
      "prompt: Don't stop: go",
      `a colon and a space, which YAML takes for its own; put the whole text in quotes: prompt: "Don't stop: go"`,
    ],
    [
      'prompt: {hero} sails',
      "{ at its beginning, which YAML takes for its own; put the whole text in quotes: prompt: '{hero} sails'",
    ],
    [
      'prompt: [wide shot] a boat',
      "[ at its beginning, which YAML takes for its own; put the whole text in quotes: prompt: '[wide shot] a boat'",
    ],
    [
      'prompt: @home a boat',
      "@ at its beginning, which YAML takes for its own; put the whole text in quotes: prompt: '@home a boat'",
    ],
    [
      'prompt: *a boat',
      "* at its beginning, which YAML takes for its own; put the whole text in quotes: prompt: '*a boat'",
    ],
    [
      'prompt: > a boat',
      "> at its beginning, which YAML takes for its own; put the whole text in quotes: prompt: '> a boat'",
    ],
    [
      'prompt: "red" boat',
      `a quote (") that ends before the text does, which YAML takes for its own; put the whole text in quotes: prompt: '"red" boat'`,
    ],
    [
      "prompt: 'the boat's sail'",
      `a quote (') that ends before the text does, which YAML takes for its own; put the whole text in quotes: prompt: "the boat's sail"`,
    ],
  ])('%s', (line, words) => {
    expect(told(withLine(line))).toEqual([`4: the text of prompt holds ${words}`]);
  });

  test.each([
    ['prompt:a boat', 'a space is missing after "prompt:"'],
    ['prompt: "a boat', 'the quote (") that opens here is not closed; close it at the end of the text'],
    [
      'animate: "C:\\pics\\a.png"',
      'invalid escape sequence \\p between double quotes; put a text with backslashes in single quotes',
    ],
    ['\tprompt: a boat', 'the line is indented with a tab; YAML counts spaces only: indent it with spaces'],
    [
      '   prompt: a boat',
      'the line is indented deeper than the one above it, whose text it would go on with; keys of one map begin in the same column',
    ],
    [
      'prompt:\u3000a boat',
      'an invisible character (U+3000) stands where a space belongs, as in text copied from a web page; type the spaces of this line anew',
    ],
  ])('%j', (line, words) => {
    expect(told(withLine(line))).toEqual([`4: ${words}`]);
  });

  test('a line that stands out to the left', () => {
    expect(told(lines('shots:', '  - id: a', '   prompt: p'))).toEqual([
      '3: the line is indented otherwise than those it belongs to; keys of one map begin in the same column',
    ]);
  });

  test('no-break spaces of a web page, alone, for they spoil the rest', () => {
    expect(told(lines('title: T', 'shots:', '\u00a0 - id: a', '    prompt: p'))).toEqual([
      expect.stringContaining('3: an invisible character (U+00A0)'),
    ]);
    expect(told(lines('shots:', '  - id: a', '    prompt: no-break\u00a0spaces in a text are none'))).toEqual([]);
  });

  test('a fence of Markdown, with or without words around it', () => {
    expect(told(lines('```yaml', 'shots:', '  - id: a', '    prompt: p', '```'))).toEqual([
      '1: a code fence of Markdown is no part of a script; take out this line and line 5',
    ]);
    expect(told(lines('Here is your story:', '', '```', 'shots: []', '```'))).toEqual([
      '3: a code fence of Markdown is no part of a script; take out this line and line 5 and what stands outside of them',
    ]);
  });

  test('a second story in the file', () => {
    expect(told(lines('shots: [{ id: a, prompt: p }]', '---', 'shots: [{ id: b, prompt: p }]'))).toEqual([
      '2: a second document begins here (---); a script file holds one story: put the other into a file of its own',
    ]);
  });

  test('every slip of a file, each on its line', () => {
    expect(told(lines('title: a: b', 'shots:', '  - id: a', '    prompt: {hero} sails'))).toEqual([
      expect.stringMatching(/^1: the text of title holds a colon/),
      expect.stringMatching(/^4: the text of prompt holds \{/),
    ]);
  });

  test('a word that YAML reads as a number or as yes or no', () => {
    expect(told(lines('title: 2024', 'shots:', '  - id: true', '    prompt: 1e3'))).toEqual([
      '1: title is 2024; a title is a text of 1 to 120 characters without control characters; YAML reads it as a number: put it in quotes to make it a text',
      expect.stringMatching(
        /^3: shots\[0\]\.id is true; .* reads it as a yes or no: put it in quotes to make it a text$/,
      ),
      expect.stringMatching(
        /^4: shots\[0\]\.prompt is 1000; .* reads it as a number: put it in quotes to make it a text$/,
      ),
    ]);
  });
});

describe('what is valid and hardly meant', () => {
  const hints = (line: string): string[] => {
    const read = readScript(withLine(line));
    return 'problems' in read ? [] : read.hints.map(({ line: at, message }) => `${String(at)}: ${message}`);
  };

  test.each([
    [
      'prompt: a boat #1 on the sea',
      `4: what follows " #" is a comment in YAML: the text is 'a boat'; put the whole text in quotes if '#1 on the sea' belongs to it`,
    ],
    ['prompt: &b boat', `4: "&b" is an anchor in YAML: the text is 'boat'; put the whole text in quotes`],
    ['prompt: “a boat”', '4: the curved quotes are a part of the text; write straight ones (") around it'],
  ])('%s', (line, words) => {
    expect(hints(line)).toEqual([words]);
  });

  test.each([
    'prompt: a boat  # a comment',
    'prompt: a boat #',
    "prompt: 'a boat #1'",
    'prompt: it’s a “red” boat',
    'prompt: p',
  ])('but not %s', (line) => {
    expect(hints(line)).toEqual([]);
  });

  test('is said with the problem that it makes', () => {
    expect(told(withLine('prompt: #hero sails'))[0]).toMatch(
      /^4: .*prompt is empty; .*; what follows " #" is a comment in YAML/,
    );
    expect(told(withLine('prompt: {hero}'))[0]).toMatch(
      /^4: .*is a map; .*; a text that begins with \{ belongs in quotes$/,
    );
    expect(told(withLine('// prompt: p')).join()).toContain('; comments begin with #');
  });
});

describe('merge keys', () => {
  test('bring in what a shot does not say itself', () => {
    const text = lines(
      'shots:',
      '  - &first',
      '    id: a',
      '    prompt: p',
      '    steps: 7',
      '  - <<: *first',
      '    id: b',
      '  - <<: [*first]',
      '    id: c',
      '    steps: 8',
    );
    const { shots } = parseScript(text, { fileName: 'a.yaml' });
    expect(shots.map(({ id, prompt, sampling }) => [id, prompt, sampling.steps])).toEqual([
      ['a', 'p', 7],
      ['b', 'p', 7],
      ['c', 'p', 8],
    ]);
  });

  test('lead to the line where a wrong value stands', () => {
    const text = lines(
      'shots:',
      '  - &first',
      '    id: a',
      '    prompt: p',
      '    steps: 0',
      '  - <<: *first',
      '    id: b',
    );
    expect(problemsOf(text)).toMatchObject([
      { path: 'shots[0].steps', line: 5 },
      { path: 'shots[1].steps', line: 5 },
    ]);
  });

  test.each(['<<: 1', '<<: [1]', '<<: *none', '<<: { <<: { steps: 0 } }', '&x <<: *x'])(
    'that are wrong are told: %s',
    (line) => {
      expect(problemsOf(withLine(`prompt: p\n    ${line}`)).length).toBeGreaterThan(0);
    },
  );
});
