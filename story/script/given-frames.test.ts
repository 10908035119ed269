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
      { kind: 'seine', prompt: 'smooth transition', known: 1, seconds: 1 },
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

describe('a shot with pictures', () => {
  test('is animated from its first frame, or knows frames here and there, in their order', () => {
    const [animated, framed] = shotsOf(
      story({ animate: 'a.png' }, { keyframes: { 15: 'c.png', 0: 's3://films/a.png' } }),
    );
    const ref = (source: string) => ({ source, key: null });
    expect(animated?.pictures).toEqual([{ frame: 0, from: 'animate', picture: ref('a.png') }]);
    expect(framed?.pictures).toEqual([
      { frame: 0, from: 'keyframes', picture: ref('s3://films/a.png') },
      { frame: 15, from: 'keyframes', picture: ref('c.png') },
    ]);
  });

  test('may continue the one before and lead to a picture', () => {
    const [, shot] = shotsOf(story({}, { continue: true, keyframes: { 15: 'end.png' } }));
    expect(shot).toMatchObject({ join: { kind: 'continue' }, pictures: [{ frame: 15 }] });
  });

  test.each([
    [{ animate: 7 }, 'shots[1].animate', 'a picture is a path that starts at the script'],
    [{ animate: 'file:///etc/passwd' }, 'shots[1].animate', 'an s3:// or https:// address'],
    [{ animate: 'http://a.test/a.png' }, 'shots[1].animate', 'an s3:// or https:// address'],
    [{ animate: 'a\u0000.png' }, 'shots[1].animate', 'a picture is a path'],
    [{ keyframes: ['a.png'] }, 'shots[1].keyframes', 'is a list of 1; keyframes is a map'],
    [{ keyframes: {} }, 'shots[1].keyframes', 'is a map; keyframes is a map from the numbers'],
    [{ keyframes: { first: 'a.png' } }, 'shots[1].keyframes.first', 'keyframes is a map from the numbers'],
    [{ keyframes: { '-1': 'a.png' } }, 'shots[1].keyframes.-1', 'keyframes is a map from the numbers'],
    [{ keyframes: { 3: '' } }, 'shots[1].keyframes.3', 'a picture is a path'],
    [{ animate: 'a.png', keyframes: { 8: 'b.png' } }, 'shots[1].animate', 'write the picture as keyframe 0'],
    [{ animate: 'a.png', continue: true }, 'shots[1].animate', 'take out animate or continue'],
    [
      { continue: true, keyframes: { 3: 'a.png' } },
      'shots[1].keyframes.3',
      'the first 4 frames continue the shot before',
    ],
    [{ continue: { known: 1 }, keyframes: { 0: 'a.png' } }, 'shots[1].keyframes.0', 'choose a later frame'],
  ])('%j is refused at %s', (shot, path, message) => {
    expect(problemsOf(story({}, shot))).toEqual([[path, expect.stringContaining(message)]]);
  });
});
