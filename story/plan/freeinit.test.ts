import { describe, expect, test } from '@jest/globals';
import { exampleModels } from '../../test/fakes/example-models.ts';
import { exampleStory } from '../../test/fakes/example-story.ts';
import { clipTasks, tasksOf } from './task-list.ts';
import { planMadeStory } from './plan-story.ts';
import type { MadeShot } from './plan.ts';
import type { Join, SamplingSettings, StoryScript } from '../script/script.ts';
import { type BaseTask, madeInputs, nameOf } from './task.ts';

type Changes = Partial<SamplingSettings>;

function scriptWith(changes: Changes, ...others: readonly Join[]): StoryScript {
  const story = exampleStory([{ kind: 'cut' }, ...others]);
  return { ...story, shots: story.shots.map((shot) => ({ ...shot, sampling: { ...shot.sampling, ...changes } })) };
}

function planned(changes: Changes, models = exampleModels): MadeShot {
  return planMadeStory(scriptWith(changes), models).shots[0]!;
}

const basesOf = ({ earlier = [], base }: MadeShot): BaseTask[] => [...earlier, base as BaseTask];

describe('a shot with FreeInit', () => {
  test('is a chain of base tasks, the first of which is the shot without it', () => {
    const plain = planned({});
    expect(plain).not.toHaveProperty('earlier');
    const shot = planned({ freeinit: true });
    const bases = basesOf(shot);
    expect(bases.map(({ params }) => params.freeinit?.iteration)).toEqual([undefined, 1, 2]);
    expect(bases[0]).toEqual(plain.base);
    expect(bases.map(madeInputs)).toEqual([[], [bases[0]?.key], [bases[1]?.key]]);
    expect(shot.interp.inputs).toEqual([nameOf(shot.base)]);
    expect(clipTasks(shot)).toEqual([...bases, shot.interp]);
    const { shots } = planMadeStory(scriptWith({ freeinit: true }), exampleModels);
    expect(tasksOf(planMadeStory(scriptWith({ freeinit: true }), exampleModels)).slice(0, 4)).toEqual(
      clipTasks(shots[0]!).map((task) => ({ item: 'shot shot-0', task })),
    );
  });

  test('with more iterations goes on where it ended', () => {
    const [three, five] = [3, 5].map((iterations) => basesOf(planned({ freeinit: { iterations } })));
    expect(five!.slice(0, 3)).toEqual(three);
  });

  test('shows an earlier iteration as a preview, and makes none after it', () => {
    const all = basesOf(planned({ freeinit: { iterations: 3, coarseToFine: true } }));
    expect(basesOf(planned({ freeinit: { iterations: 3, coarseToFine: true, show: 2 } }))).toEqual(all.slice(0, 2));
    expect(planned({ freeinit: { show: 1 } })).toEqual(planned({}));
  });

  test('has fewer steps in earlier iterations when it goes from coarse to fine', () => {
    const steps = (changes: Changes): number[] => basesOf(planned(changes)).map(({ params }) => params.steps);
    expect(steps({ freeinit: { coarseToFine: true } })).toEqual([8, 16, 25]);
    expect(steps({ freeinit: { coarseToFine: true, iterations: 5 }, steps: 10 })).toEqual([2, 4, 6, 8, 10]);
    expect(steps({ freeinit: true })).toEqual([25, 25, 25]);
  });

  test('takes what the script leaves out from the manifest, and else from the paper', () => {
    const base = exampleModels.denoisers.base!;
    const own = {
      iterations: 2,
      filter: 'gaussian',
      order: 4,
      spatial: 0.3,
      temporal: 0.2,
      coarseToFine: false,
    } as const;
    const models = { ...exampleModels, denoisers: { ...exampleModels.denoisers, base: { ...base, freeinit: own } } };
    const last = (changes: Changes, set = exampleModels): unknown =>
      basesOf(planned(changes, set)).at(-1)?.params.freeinit;
    expect(last({ freeinit: true })).toEqual({
      iteration: 2,
      filter: 'butterworth',
      order: 4,
      spatial: 0.25,
      temporal: 0.25,
    });
    expect(last({ freeinit: true }, models)).toEqual({ iteration: 1, filter: 'gaussian', spatial: 0.3, temporal: 0.2 });
    const given = { filter: 'box', temporal: 0.5 } as const;
    expect(last({ freeinit: given }, models)).toEqual({ iteration: 1, ...given, spatial: 0.3 });
  });

  test('is turned on by a quality of the manifest, and off by the script', () => {
    const base = { ...exampleModels.denoisers.base!, presets: { high: { freeinit: true } } };
    const models = { ...exampleModels, denoisers: { ...exampleModels.denoisers, base } };
    expect(basesOf(planned({ quality: 'high' }, models))).toHaveLength(3);
    expect(basesOf(planned({ quality: 'high', freeinit: false }, models))).toHaveLength(1);
    expect(basesOf(planned({}, models))).toHaveLength(1);
  });

  test.each<[string, Changes, string]>([
    ['show', { freeinit: { show: 4 } }, 'is 4 of 3 iterations; show one of them, or make iterations larger'],
    [
      'order',
      { freeinit: { filter: 'ideal', order: 2 } },
      'is 2; only a butterworth filter has an order and this one is ideal; take it out',
    ],
    [
      'coarseToFine',
      { freeinit: { coarseToFine: true }, steps: 2 },
      'is true; the first of 3 iterations would have none of 2 steps; use at least 3 steps, or fewer iterations',
    ],
  ])('a wrong %s is an error of the script with path and remedy', (key, changes, finding) => {
    const path = `shots[0].freeinit.${key}`;
    expect(() => planned(changes)).toThrow(
      expect.objectContaining({
        code: 'SCRIPT_INVALID',
        details: {
          problems: expect.arrayContaining([{ path, line: null, message: `${path} ${finding}` }]) as unknown,
        },
      }),
    );
  });

  test('does not concern shots that go on from others, whatever the defaults say', () => {
    const script = scriptWith({ freeinit: { show: 9 } }, { kind: 'continue', known: 4 });
    const [first, second] = script.shots;
    const quiet = { ...first!, sampling: { ...first!.sampling, freeinit: false } };
    const [, continued] = planMadeStory({ ...script, shots: [quiet, second!] }, exampleModels).shots;
    expect(continued).toMatchObject({ base: { stage: 'completion' } });
    expect(continued).not.toHaveProperty('earlier');
  });
});
