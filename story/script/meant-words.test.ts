import { describe, expect, test } from '@jest/globals';
import { meantKey, meantSize } from './meant-words.ts';
import { sizeNames } from './output-size.ts';
import { parseScript } from './parse-script.ts';

describe('a key by another name', () => {
  const shot = ['id', 'prompt', 'seconds', 'join', 'animate', 'negative', 'focus'];

  test.each([
    ['duration', 'seconds'],
    ['text', 'prompt'],
    ['transition', 'join'],
    ['Negative_Prompt', 'negative'],
    ['negativePrompt', 'negative'],
    ['promt', 'prompt'],
    ['name', 'id'],
    ['camera', null],
    ['constructor', null],
  ])('%s is %s in a shot', (key, meant) => {
    expect(meantKey(key, shot)).toBe(meant);
  });

  test('is only said where the map has it', () => {
    expect(meantKey('music', ['title', 'output', 'soundtrack'])).toBe('soundtrack');
    expect(meantKey('music', ['title', 'output'])).toBeNull();
    expect(meantKey('aspect_ratio', ['title', 'output'])).toBe('output');
    expect(meantKey('aspect_ratio', ['width', 'shape'])).toBe('shape');
  });
});

describe('a size in other words', () => {
  test.each([
    ['9x16', '9:16'],
    ['16/9', '16:9'],
    ['2.39x1', '2.39:1'],
    ['1920/1080', '1920:1080'],
    ['1920*1080', '1920x1080'],
    ['1920 by 1080', '1920x1080'],
    ['portrait', '9:16'],
    ['Square', '1:1'],
    [1080, '1080p'],
    ['720', '720p'],
    ['1080i', '1080p'],
    ['hd', null],
    [99, null],
    [null, null],
  ])('%j means %j', (value, meant) => {
    expect(meantSize(value, sizeNames)).toBe(meant);
  });
});

test('the messages of a script say what was meant, for keys, values and sizes', () => {
  const script = (output: string): string => `output: ${output}
resolution: 4k
shots:
  - id: a
    text: a red boat
    prompt: a red boat
    quality: hihg
    focus: lef
  - id: b
    prompt: a red boat
    transition: cut
    join: disolve
`;
  const problemsIn = (output: string): readonly string[] => {
    try {
      parseScript(script(output), { fileName: 'a.yaml' });
      return [];
    } catch (error) {
      const { details } = error as { details: { problems: readonly { line: number; message: string }[] } };
      return details.problems.map(({ line, message }) => `${String(line)}: ${message}`);
    }
  };
  expect(problemsIn('9x16')).toEqual([
    expect.stringMatching(/^1: output is "9x16"; .*; did you mean 9:16\?$/),
    '2: resolution is not a key of a story; did you mean output?',
    '5: shots[0].text is not a key of a shot; did you mean prompt?',
    expect.stringMatching(/^7: shots\[0\]\.quality is "hihg"; .*; did you mean high\?$/),
    expect.stringMatching(/^8: shots\[0\]\.focus is "lef"; .*; did you mean left\?$/),
    '11: shots[1].transition is not a key of a shot; did you mean join?',
    expect.stringMatching(/^12: shots\[1\]\.join is "disolve"; .*; did you mean dissolve\?$/),
  ]);
  expect(problemsIn('{ shape: 9x16 }')[0]).toMatch(/^1: output\.shape is "9x16"; .*; did you mean 9:16\?$/);
  expect(problemsIn('641x361')[0]).toMatch(/even sides from 16 to 7680.*; did you mean 642x362\?$/);
  expect(problemsIn('{ codec: H.265 }')[0]).toMatch(/^1: output\.codec is "H\.265"; .*; did you mean hevc\?$/);
  expect(problemsIn('{ codec: h246 }')[0]).toMatch(/; did you mean h264\?$/);
  expect(problemsIn('{ fit: letterbox }')[0]).toMatch(/; did you mean pad\?$/);
  expect(problemsIn('1080')[0]).toMatch(/; did you mean 1080p\?$/);
});
