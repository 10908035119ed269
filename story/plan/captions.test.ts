import { describe, expect, test } from '@jest/globals';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { parseScript } from '../script/parse-script.ts';
import { captionWarnings, cuesOf } from './captions.ts';
import { planStory } from './plan-story.ts';

const cuesIn = (yaml: string) => {
  const script = parseScript(yaml, { fileName: 'story.yaml' });
  return cuesOf(script, planStory(script, exampleModels).timeline);
};
const problemsOf = (yaml: string): { path: string; message: string }[] => {
  try {
    cuesIn(yaml);
    return [];
  } catch (error) {
    return (error as { details: { problems: { path: string; message: string }[] } }).details.problems;
  }
};
const shot = (caption: string): string => `shots: [{ id: a, prompt: a red boat, seconds: 2, caption: ${caption} }]`;

describe('captions', () => {
  test('stay while their shot is seen alone, and times count from its first frame', () => {
    const cues = cuesIn(`
shots:
  - { id: a, prompt: a red boat, seconds: 2, caption: The sea is calm. }
  - id: b
    prompt: a storm
    seconds: 3
    join: { kind: dissolve, seconds: 0.5 }
    caption:
      - { at: 0.25, until: 1, text: Thunder. }
      - text: |
          Then
            silence.
`);
    // 48 frames, of which the dissolve takes 12; b begins with it.
    expect(cues).toEqual([
      { from: 0, until: 36, text: 'The sea is calm.', path: 'shots[0].caption' },
      { from: 42, until: 60, text: 'Thunder.', path: 'shots[1].caption[0]' },
      { from: 60, until: 108, text: 'Then\nsilence.', path: 'shots[1].caption[1]' },
    ]);
  });

  test('give way to the next one', () => {
    const cues = cuesIn(`
shots:
  - { id: a, prompt: a red boat, seconds: 2, caption: [{ text: Long., until: 2 }] }
  - { id: b, prompt: a storm, seconds: 2, join: dissolve, caption: [{ text: Soon., at: 0.1 }, { text: Last., at: 1 }] }
`);
    expect(cues.map(({ from, until }) => [from, until])).toEqual([
      [0, 38],
      [38, 60],
      [60, 84],
    ]);
  });

  test('longer than their shot are refused with what it lasts', () => {
    expect(problemsOf(shot('[{ text: A, at: 2 }]'))[0]?.message).toBe(
      'shots[0].caption[0].at is 2, and the shot lasts 2 seconds; let it come earlier, or make the shot longer',
    );
    expect(problemsOf(shot('[{ text: A, at: 1, until: 2.5 }]'))[0]?.message).toBe(
      'shots[0].caption[0].until is 2.5, and the shot lasts 2 seconds; make it at most 2, or make the shot longer',
    );
    expect(problemsOf(shot('[{ text: A, at: 1, until: 2 }]'))).toEqual([]);
  });

  test('out of order, without a time or without words are refused with the place', () => {
    const messages = [
      shot('[{ text: A, at: 1, until: 0.5 }]'),
      shot('[{ text: A }, { text: B }]'),
      shot('[{ text: A, until: 1 }, { text: B, at: 0.5 }]'),
      shot('""'),
      shot('[]'),
      shot('[{ text: A, form: 1 }]'),
    ].map((yaml) => problemsOf(yaml)[0]?.message);
    expect(messages).toEqual([
      'shots[0].caption[0].until is 0.5; the caption comes at 1; a caption goes after it has come',
      'shots[0].caption[1].at is missing; say when it comes, or until when the caption before it stays',
      'shots[0].caption[1].at is 0.5; the caption before it stays until 1; captions come one after the other',
      expect.stringContaining('a caption is a text of 1 to 200 characters'),
      expect.stringContaining('a list of 1 to 40 captions'),
      expect.stringContaining('shots[0].caption[0].form is not a key of a caption'),
    ]);
  });

  test('that nobody can read in their time are told with the time that they need', () => {
    const warned = (caption: string) => captionWarnings(cuesIn(shot(caption)), 24).map(({ message }) => message);
    expect(warned('A red boat sails to the right on the sea.')).toEqual([]);
    expect(warned('A red boat sails to the right on the calm and quiet sea of the north.')[0]).toBe(
      'shots[0].caption has 69 signs and is there for 2.0 seconds; people read about 20 signs a second: give it 3.5 seconds, or say less',
    );
    expect(warned('灯台のあかりが海を照らす')).toEqual([]);
    expect(warned('灯台のあかりが静かな夜の海をどこまでも遠く照らしている')[0]).toContain('54 signs');
    expect(warned('[{ text: Oh, at: 0, until: 0.2 }]')[0]).toContain('give it 0.7 seconds');
  });

  test('change no task', () => {
    const keys = (caption: string) => planStory(parseScript(shot(caption), { fileName: 'a' }), exampleModels).film.key;
    expect(keys('Hello.')).toBe(keys('[{ text: Other, at: 1 }]'));
  });
});
