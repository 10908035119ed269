import { describe, expect, test } from '@jest/globals';
import { parseScript } from './parse-script.ts';
import type { ScriptProblem } from './read-script.ts';
import type { Shot } from './script.ts';

const story = (...shots: object[]): string =>
  JSON.stringify({ shots: shots.map((shot, index) => ({ id: `s${String(index)}`, prompt: 'a red ball', ...shot })) });
const shotsOf = (text: string): readonly Shot[] => parseScript(text, { fileName: 'story.yaml' }).shots;

function problemsOf(text: string): readonly (readonly [string, string])[] {
  try {
    shotsOf(text);
    return [];
  } catch (error) {
    const { problems } = (error as { details: { problems: readonly ScriptProblem[] } }).details;
    return problems.map(({ path, message }) => [path, message]);
  }
}

describe('a shot that continues the one before', () => {
  test('takes over four latent frames, or as many as it says', () => {
    const written = [{}, { continue: true }, { continue: {} }, { continue: { known: 1 } }, { continue: false }];
    expect(shotsOf(story(...written)).map(({ join }) => join)).toEqual([
      null,
      { kind: 'continue', known: 4 },
      { kind: 'continue', known: 4 },
      { kind: 'continue', known: 1 },
      { kind: 'seine', prompt: 'smooth transition', known: 1 },
    ]);
  });

  test('does without the join that the defaults have', () => {
    const text = JSON.stringify({
      ...(JSON.parse(story({}, { continue: true })) as object),
      defaults: { join: 'cut' },
    });
    expect(shotsOf(text)[1]?.join).toEqual({ kind: 'continue', known: 4 });
  });

  test('cannot be the first', () => {
    expect(problemsOf(story({ continue: true }))).toEqual([
      ['shots[0].continue', 'shots[0].continue is true; the first shot has none before it to continue; take it out'],
    ]);
  });

  test('cannot have a join of its own', () => {
    expect(problemsOf(story({}, { continue: { known: 2 }, join: 'dissolve' }))).toEqual([
      [
        'shots[1].join',
        'shots[1].join is "dissolve"; a shot that continues the one before flows on from it without a join; take out join or continue',
      ],
    ]);
  });
});
