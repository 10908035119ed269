import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { planMadeStory } from '../plan/plan-story.ts';
import { parseScript } from './parse-script.ts';
import { rateOf, rateText, readRate } from './frame-rate.ts';
import { framesIn } from './film-frames.ts';

const parse = (yaml: string) => parseScript(yaml, { fileName: 'story.yaml' });
const messageOf = (yaml: string): string => {
  try {
    parse(yaml);
    return '';
  } catch (error) {
    return (error as { details: { problems: { message: string }[] } }).details.problems[0]?.message ?? '';
  }
};

const joins = [
  'seine',
  'dissolve',
  'fade',
  'wipe',
  'cut',
  '{ kind: seine, seconds: 0.7 }',
  '{ kind: fade, seconds: 0.3 }',
];

describe('a story of so many seconds', () => {
  test('lasts them to the frame, whatever joins its shots, at every rate', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('24', '25', '30', '60', '23.976', '29.97'),
        fc.double({ min: 12, max: 20, noNaN: true }),
        fc.tuple(fc.constantFrom(...joins), fc.constantFrom(...joins)),
        (fps, seconds, [first, second]) => {
          const script = parse(`
seconds: ${seconds}
output: { height: 180, fps: ${fps} }
opening: { text: A, seconds: 1.5 }
shots:
  - { id: a, prompt: x }
  - { id: b, prompt: x, seconds: 2.2, join: ${first} }
  - { id: c, prompt: x, join: ${second} }
  - { id: d, prompt: x, join: cut }
`);
          expect(planMadeStory(script, exampleModels).numFrames).toBe(framesIn(seconds, script.output.fps));
        },
      ),
      { numRuns: 30 },
    );
  });

  test('is refused with the reason when its parts are longer, or leave no shot to fill it', () => {
    const story = (seconds: number, last: string) => `seconds: ${seconds}
shots:
  - { id: a, prompt: x, seconds: 4 }
  - { id: b, prompt: x, ${last} }`;
    expect(messageOf(story(4, 'join: seine'))).toBe(
      'seconds is 4, and the shots with seconds of their own, the joins and the cards come to 5 seconds, which leaves nothing for the other shots; make it longer',
    );
    expect(messageOf(story(8, 'join: cut, seconds: 3'))).toContain(
      'come to 7 seconds; leave the seconds of one shot out',
    );
    expect(parse(story(7, 'join: cut, seconds: 3')).shots.map(({ seconds }) => seconds)).toEqual([4, 3]);
  });
});

describe('a shot that is trimmed', () => {
  const shotOf = (keys: string) => planMadeStory(parse(`shots: [{ id: a, prompt: x, ${keys} }]`), exampleModels);

  test('shows its clip from there to there', () => {
    const plan = shotOf('from: 0.5, to: 2');
    expect(plan.numFrames).toBe(36);
    expect(plan.shots[0]?.segments.map(({ params: { from, count } }) => [from, count])).toEqual([
      [12, 18],
      [30, 18],
    ]);
    expect(shotOf('from: 2').numFrames).toBe(61 - 48);
    expect(shotOf('to: 2').shots).toEqual(shotOf('seconds: 2').shots);
    // What is left out is made as well, where the clip must be longer for it.
    expect(shotOf('from: 2, seconds: 2').shots[0]?.base.params.frames).toBe(25);
  });

  test('has no seine join before it, and dissolves from its own beginning', () => {
    const story = (join: string) => `
shots:
  - { id: a, prompt: x, seconds: 2 }
  - { id: b, prompt: y, from: 1, seconds: 1.5${join} }`;
    expect(parse(story('')).shots[1]?.join).toEqual({ kind: 'cut' });
    const [dissolve] = planMadeStory(parse(story(', join: dissolve')), exampleModels).joins;
    expect(dissolve?.work).toMatchObject({
      dissolve: {
        params: {
          frames: 12,
          paces: [
            { first: 36, frames: 12 },
            { first: 24, frames: 12 },
          ],
        },
      },
    });
    expect(messageOf(story(', join: seine'))).toContain('shots[1].from is 1; a seine join leads to the first frame');
    expect(messageOf(story(', continue: true'))).toContain('shots[1].from is 1; a shot that continues');
    expect(messageOf(story(', to: 3'))).toContain('shots[1].to is 3; the shot says seconds as well');
    expect(messageOf('shots: [{ id: a, prompt: x, from: 2, to: 1 }]')).toContain(
      'shots[0].to is 1; the shot begins at 2',
    );
  });
});

describe('frames per second', () => {
  test('are whole, or whole ones slowed down by 1001/1000', () => {
    const written = [24, 23.976, 23.98, '24000/1001', 29.97, '30000/1001', 59.94, '25/1'];
    expect(written.map((each) => rateOf(readRate(each) ?? 0))).toEqual([
      { num: 24, den: 1 },
      ...[24_000, 24_000, 24_000, 30_000, 30_000, 60_000].map((num) => ({ num, den: 1001 })),
      { num: 25, den: 1 },
    ]);
    expect(rateText(24_000 / 1001)).toBe('23.976');
    expect([24.5, 7, 61, '23/7', '24000/1000'].map(readRate)).toEqual([null, null, null, null, 24]);
  });
});
