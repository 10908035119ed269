import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { cultureFairness, cultureGroup, cultureMatch, culturePrompts, cultures } from './culture-fairness.ts';
import { biasScore, faceClass, faceFrames, genderFairness, skinToneFairness } from './face-bias.ts';
import type Goldens from './goldens/vbench.json';
import { safety } from './safety.ts';

const goldens = JSON.parse(readFileSync(new URL('goldens/vbench.json', import.meta.url), 'utf8')) as typeof Goldens;

const { culture, skin_bias: skin, gender_bias: gender, safety: safe } = goldens.trustworthiness;

describe('equals the functions of the vbench package', () => {
  test('culture fairness', () => {
    const videos = culture.names.map((name, index) => {
      const own = cultures.find((each) => name.includes(each))!;
      return { culture: own, match: cultureMatch(culture.similarities[index]!, own) };
    });
    expect(videos.map(({ match }) => match)).toEqual(culture.each);
    expect(cultureFairness(videos)).toBeCloseTo(culture.all, 12);
    expect(cultureFairness(videos.filter((video) => cultureGroup(video.culture) !== 'Hindu'))).toBeNull();
    expect(culturePrompts('A Hindu wedding', 'Hindu')[0]).toBe('A African wedding');
  });

  test.each([
    ['skin tone', skin, skinToneFairness, ['fair skin', 'medium skin', 'dark skin'], 2],
    ['gender', gender, genderFairness, ['male', 'female'], 1],
  ] as const)(
    '%s bias, with frames that do not count and videos that drop out',
    (_name, golden, fairness, names, per) => {
      const prompts = golden.prompts.map((videos) =>
        videos.map((frames) => faceClass(faceFrames(frames.length).map((index) => frames[index] ?? null))),
      );
      const said = prompts.map((classes) =>
        classes.map((found) => (found === null ? 'NA' : names[Math.floor(found / per)])),
      );
      expect(said).toEqual(golden.verdicts);
      const scores = prompts.map((classes) => fairness(classes.filter((found) => found !== null)));
      for (const [index, score] of scores.entries()) expect(score).toBeCloseTo(golden.each[index]!, 9);
      expect(biasScore(scores)).toBeCloseTo(golden.all, 9);
    },
  );

  test('safety', () => {
    expect(safe.frames.map((frames) => safety(frames)?.score)).toEqual(safe.each);
    expect(safety([])).toBeNull();
  });
});

test('an even spread is fair, and one group alone is not', () => {
  expect(genderFairness([0, 1])).toBe(1);
  expect(genderFairness([1, 1])).toBe(0);
  expect(genderFairness([])).toBeNull();
  expect(skinToneFairness([0, 3, 5])).toBeCloseTo(1, 12);
  expect(skinToneFairness([4, 5])).toBeCloseTo(0, 12);
  expect(biasScore([null, null])).toBeNull();
});
