import { describe, expect, test } from '@jest/globals';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { decideGate, decisionWords, type GateSettings, gateWords, judgeTake } from './gate.ts';
import { parseScript } from './parse-script.ts';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { planStory } from '../plan/plan-story.ts';
import { hashOf } from './content-hash.ts';

const gate: GateSettings = { least: { subject_consistency: 0.9, motion_smoothness: 0.95 }, retries: 2 };
const parse = (text: string) => parseScript(text, { fileName: 'story.yaml' });
const story = (lines: string): string => `shots:\n  - id: a\n    prompt: a red boat\n${lines}`;

describe('a gate', () => {
  test('keeps the first take that passes, or the one that missed by least', () => {
    const under = judgeTake(7, { subject_consistency: 0.8, motion_smoothness: 0.96 }, gate);
    const nearer = judgeTake(8, { subject_consistency: 0.88, motion_smoothness: 0.94 }, gate);
    const over = judgeTake(9, { subject_consistency: 0.9, motion_smoothness: 0.99 }, gate);
    expect(under.shortfall).toBeCloseTo(0.1, 9);
    expect(decideGate('a', gate, [under, nearer])).toMatchObject({ seed: 8, passed: false });
    expect(decideGate('a', gate, [under, nearer, over])).toMatchObject({ seed: 9, passed: true, unmeasured: [] });
    expect(decideGate('a', gate, [under, under])).toMatchObject({ seed: 7 });
  });

  test('is passed by a take that misses nothing, and by no other, however little it misses', () => {
    const limits = { subject_consistency: 0.9, motion_smoothness: 0.95 };
    expect(judgeTake(7, limits, gate)).toMatchObject({ passed: true, shortfall: 0 });
    const near = judgeTake(8, { ...limits, motion_smoothness: 0.95 - 1e-9 }, gate);
    expect(near.passed).toBe(false);
    expect(near.shortfall).toBeGreaterThan(0);
    // What one dimension has to spare does not make up for another.
    expect(judgeTake(9, { subject_consistency: 1, motion_smoothness: 0.94 }, gate).passed).toBe(false);
  });

  test('does not hold against a take what nobody measured, and says so', () => {
    const decision = decideGate('a', gate, [judgeTake(7, { subject_consistency: 0.95 }, gate)]);
    expect(decision).toMatchObject({ passed: true, unmeasured: ['motion_smoothness'] });
    expect(decisionWords(decision)).toBe('1 take, seed 7 passed; not measured: motion_smoothness');
    expect(gateWords(gate)).toBe('subject_consistency ≥ 0.9, motion_smoothness ≥ 0.95, 2 retries');
  });
});

describe('a gate in a script', () => {
  test('is the shot’s own, or that of the defaults, or none', () => {
    const { shots } = parse(
      `defaults:\n  gate: { subject_consistency: 0.9 }\nshots:\n  - { id: a, prompt: a boat }\n  - { id: b, prompt: a car, gate: { dynamic_degree: 1, retries: 0 } }\n  - { id: c, prompt: a duck, gate: false }`,
    );
    expect(shots.map((shot) => shot.gate)).toEqual([
      { least: { subject_consistency: 0.9 }, retries: 2 },
      { least: { dynamic_degree: 1 }, retries: 0 },
      undefined,
    ]);
  });

  test('changes no key of what is made, and nothing at all where there is none', () => {
    const plain = parse(story(''));
    const gated = parse(story('    gate: { subject_consistency: 0.9 }'));
    expect(Object.keys(plain.shots[0]!)).not.toContain('gate');
    expect(planStory(gated, exampleModels).film.key).toBe(planStory(plain, exampleModels).film.key);
    expect(hashOf(gated)).not.toBe(hashOf(plain));
  });

  test.each([
    ['    gate: { subject_consistncy: 0.9 }', 'did you mean subject_consistency?'],
    [
      '    gate: { subject_consistency: 1.5 }',
      'shots[0].gate.subject_consistency is 1.5; subject_consistency is the least score, a number from 0 to 1',
    ],
    ['    gate: { subject_consistency: 0.9, retries: 9 }', 'shots[0].gate.retries is 9; retries is how often'],
    ['    gate: { retries: 1 }', 'shots[0].gate'],
    ['    gate: true', 'shots[0].gate is true; gate is false, or a map'],
    ['    gate: { color: 0.9 }', 'is not a key of gate'],
  ])('%s is refused with its place and what to do', (lines, message) => {
    const refused = (() => {
      try {
        return parse(story(lines));
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(PipelineError);
    expect((refused as PipelineError).message).toContain(message);
  });
});
