import { describe, expect, test } from '@jest/globals';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { parseScript } from '../script/parse-script.ts';
import type { StoryScript } from '../script/script.ts';
import { planStory } from './plan-story.ts';
import { jsonBytes } from './story-size.ts';

/** A story of shots of `numPrompts` Chinese prompts each, nearly as long as a prompt may be. */
function chinese(numShots: number, numPrompts: number, keys: string): StoryScript {
  const prompt = '红'.repeat(390);
  const prompts = Array.from({ length: numPrompts }, (_, i) => `${i / 16}: ${prompt}${i}`).join(', ');
  const shots = Array.from(
    { length: numShots },
    (_, i) => `  - { id: s${i}, prompts: { ${prompts} }, ${keys}${i > 0 ? ', join: cut' : ''} }`,
  );
  return parseScript(`title: large\nshots:\n${shots.join('\n')}\n`, { fileName: 'large.yaml' });
}

describe('a story that Temporal could not carry is refused when it is planned', () => {
  test('which counts bytes and not characters', () => {
    expect(jsonBytes('aé红')).toBe(2 + 1 + 2 + 3);
  });

  test('for one shot whose tasks all carry its prompts, with its place', () => {
    expect(() => planStory(chinese(1, 16, 'seconds: 80, enhance: true'), exampleModels)).toThrow(
      /shots\[0\] comes to \d+ bytes, because each of its tasks carries its prompts; at most 1500000 fit; shorten its prompts or its seconds, or make it two shots/,
    );
  });

  test('for the whole, which is published in one message', () => {
    expect(() => planStory(chinese(115, 4, 'seconds: 29'), exampleModels)).toThrow(
      /shots come to \d+ bytes with the records of their \d+ tasks; a story has at most 2000000; shorten prompts or make it two stories/,
    );
  });

  test('and one below is not', () => {
    expect(planStory(chinese(60, 4, 'seconds: 3'), exampleModels).shots).toHaveLength(60);
  });
});
