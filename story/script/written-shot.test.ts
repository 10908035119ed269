import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseScript } from './parse-script.ts';
import { rewriteShot } from './written-shot.ts';

const story = `# A story.
title: Two   # shots
shots:
  - id: dawn  # the first
    prompt: a red boat   # sails

  - {id: night, prompt: "a white house", seed: 3}
  - id: noon
    prompt: >
      a long
      prompt
    seconds: 3
`;

/** Lines of the second text that the first has not. */
const changedLines = (before: string, after: string | null): string[] => {
  const old = new Set(before.split('\n'));
  return (after ?? '').split('\n').filter((line) => !old.has(line));
};

describe('a shot that is changed in its script', () => {
  test.each([
    ['dawn', 'prompt', 'a green boat', ['    prompt: a green boat   # sails']],
    ['dawn', 'prompt', 'a boat: it sails', ['    prompt: "a boat: it sails"   # sails']],
    ['dawn', 'seed', 7, ['    seed: 7']],
    ['night', 'prompt', 'a house, white', ['  - {id: night, prompt: "a house, white", seed: 3}']],
    ['night', 'seed', 4, ['  - {id: night, prompt: "a white house", seed: 4}']],
    ['noon', 'prompt', 'a short one', ['    prompt: a short one']],
    ['noon', 'seed', 9, ['    seed: 9']],
  ] as const)('%s: %s is %p', (shot, key, value, lines) => {
    const after = rewriteShot(story, { shot, key, value });
    expect(changedLines(story, after)).toEqual(lines);
    const found = parseScript(after!, { fileName: 's.yaml' }).shots.find(({ id }) => id === shot)!;
    expect(key === 'seed' ? found.sampling.seed : found.prompt).toBe(value);
  });

  test('has a new key on the line behind its id', () => {
    const after = rewriteShot(story, { shot: 'dawn', key: 'seed', value: 7 })!;
    expect(after).toContain('  - id: dawn  # the first\n    seed: 7\n    prompt: a red boat   # sails\n');
  });

  test('keeps JSON JSON, and the line breaks of Windows', () => {
    const json = '{"shots":[{"id":"a","prompt":"p"}]}';
    const after = rewriteShot(json, { shot: 'a', key: 'seed', value: 7 });
    expect(JSON.parse(after!)).toEqual({ shots: [{ id: 'a', seed: 7, prompt: 'p' }] });
    const windows = 'shots:\r\n  - id: a\r\n    prompt: p\r\n';
    expect(rewriteShot(windows, { shot: 'a', key: 'seed', value: 7 })).toBe(
      'shots:\r\n  - id: a\r\n    seed: 7\r\n    prompt: p\r\n',
    );
    const block = 'shots:\r\n  - id: a\r\n    prompt: >-\r\n      p\r\n      q\r\n    seed: 7\r\n';
    expect(rewriteShot(block, { shot: 'a', key: 'prompt', value: 'r' })).toBe(
      'shots:\r\n  - id: a\r\n    prompt: r\r\n    seed: 7\r\n',
    );
  });

  test.each([
    ['shots: [{ id: a, prompt: p }]', 'b'],
    ['shots: [*a]', 'a'],
    ['base: &a { id: a, prompt: p }\nshots: [*a]', 'a'],
    ['[]', 'a'],
    ['shots: 3', 'a'],
  ])('is not found in %p', (text, shot) => {
    expect(rewriteShot(text, { shot, key: 'seed', value: 1 })).toBeNull();
  });

  test('says what it was told, whatever that is, and leaves the others alone', () => {
    const words = fc.string({ minLength: 1, maxLength: 60 }).map((text) => text.replace(/[\p{C}\s]+/gu, ' ').trim());
    fc.assert(
      fc.property(
        words.filter((text) => text !== '' && !/[{}]/.test(text)),
        fc.constantFrom('dawn', 'night', 'noon'),
        (prompt, shot) => {
          const after = rewriteShot(story, { shot, key: 'prompt', value: prompt });
          const before = parseScript(story, { fileName: 's.yaml' });
          const { shots } = parseScript(after!, { fileName: 's.yaml' });
          expect(shots).toEqual(before.shots.map((each) => (each.id === shot ? { ...each, prompt } : each)));
        },
      ),
    );
  });
});
