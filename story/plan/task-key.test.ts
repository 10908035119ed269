import { expect, test } from '@jest/globals';
import { taskKey, taskOf } from './task-key.ts';
import { stages } from './stages.ts';
import type { MeasureTask } from './task.ts';

const digest = (letter: string): string => letter.repeat(64);
const input = (letter: string) => ({ stage: 'interp', key: digest(letter) }) as const;
const recipe: Omit<MeasureTask, 'key'> = {
  stage: 'measure',
  stageVersion: stages.measure.version,
  params: { prompt: 'a red boat', fps: 24, frames: 48 },
  packages: { probe: { name: 'pocket-probe', version: '1', digest: digest('a') } },
  inputs: [input('b'), input('c')],
};
const keyOf = (change: object): string => taskKey({ ...recipe, ...change });

test.each([
  [
    'the version of its stage, so that artifacts of other code are not found',
    { stageVersion: stages.measure.version + 1 },
  ],
  ['its stage', { stage: 'segment' }],
  ['its parameters', { params: { ...recipe.params, frames: 49 } }],
  ['its inputs', { inputs: [input('b')] }],
  ['their order', { inputs: [input('c'), input('b')] }],
  ['the content of its packages', { packages: { probe: { name: 'pocket-probe', version: '1', digest: digest('d') } } }],
  ['their roles', { packages: { interp: { name: 'pocket-probe', version: '1', digest: digest('a') } } }],
])('the key of a task is another when %s changes', (_what, change) => {
  expect(keyOf(change)).not.toBe(taskKey(recipe));
});

test('inputs count by key alone, and uploads by the parameter that names them', () => {
  const others = recipe.inputs.map(({ key }) => ({ stage: 'enhance', key }));
  const upload = { stage: 'upload', key: digest('e') };
  expect(keyOf({ inputs: [...others, upload] })).toBe(taskKey(recipe));
});

test('a package that is only renamed keeps its artifacts', () => {
  const renamed = { probe: { name: 'other', version: '2', digest: digest('a') } };
  expect(keyOf({ packages: renamed })).toBe(taskKey(recipe));
});

test('a task has the version of its stage, and the key of that', () => {
  const { stage, params, packages, inputs } = recipe;
  const task = taskOf<MeasureTask>({ stage, params, packages, inputs });
  // Another one than that of a stage that never changed.
  expect(stages.measure.version).toBeGreaterThan(1);
  expect(task.stageVersion).toBe(stages.measure.version);
  expect(task.key).toBe(taskKey(task));
});
