import { describe, expect, test } from '@jest/globals';
import { exampleJoin, exampleStory } from '../../test/fakes/example-story.ts';
import { rerolled, reworded } from './script-edits.ts';

const script = exampleStory([exampleJoin, exampleJoin, { kind: 'dissolve' }]);

describe('edits of a script', () => {
  test('take the next seed, and after the last the first', () => {
    expect(rerolled(script, { shot: 'shot-1' }).shots[1]?.sampling.seed).toBe(2);
    const last = rerolled(script, { shot: 'shot-1', seed: 4_294_967_295 });
    expect(rerolled(last, { shot: 'shot-1' }).shots[1]?.sampling.seed).toBe(0);
  });

  test.each([Number.NaN, -1, 1.5, 2 ** 32])('refuse seed %d', (seed) => {
    expect(() => rerolled(script, { shot: 'shot-1', seed })).toThrow('whole number');
  });

  test('refuse prompts without end, control characters, and shots without existence', () => {
    expect(() => reworded(script, { shot: 'shot-1', prompt: 'x'.repeat(401) })).toThrow('401 characters');
    expect(() => reworded(script, { shot: '__proto__', prompt: 'x' })).toThrow('one of shot-0, shot-1, shot-2');
    expect(() => reworded(script, { shot: 'shot-1', prompt: 'a\u0007b' })).toThrow('control characters');
    const prompts = [0, 1].map((at) => ({ at, prompt: 'p' }));
    const several = { ...script, shots: script.shots.map((shot) => ({ ...shot, prompts })) };
    expect(() => reworded(several, { shot: 'shot-1', prompt: 'x' })).toThrow(
      'shot-1 has 2 prompts; change them in the',
    );
    expect(reworded(script, { shot: 'shot-1', prompt: ' a  b\n' }).shots[1]?.prompt).toBe('a b');
  });
});
