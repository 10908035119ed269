import { expect, test } from '@jest/globals';
import { taskKey, taskOf } from './task-key.ts';
import type { FilmTask } from './task.ts';

const digest = (letter: string): string => letter.repeat(64);
const input = (letter: string) => ({ stage: 'segment', key: digest(letter) }) as const;
const recipe: Omit<FilmTask, 'key'> = {
  stage: 'film',
  stageVersion: 1,
  params: { fps: 24, frames: 48 },
  packages: { base: { name: 'pocket-base', version: '1', digest: digest('a') } },
  inputs: [input('b'), input('c')],
} as never;
const keyOf = (change: object): string => taskKey({ ...recipe, ...change });

test.each([
  ['the version of its stage, so that artifacts of other code are not found', { stageVersion: 2 }],
  ['its stage', { stage: 'segment' }],
  ['its parameters', { params: { fps: 24, frames: 49 } }],
  ['its inputs', { inputs: [input('b')] }],
  ['their order', { inputs: [input('c'), input('b')] }],
  ['the content of its packages', { packages: { base: { name: 'pocket-base', version: '1', digest: digest('d') } } }],
  ['their roles', { packages: { interp: { name: 'pocket-base', version: '1', digest: digest('a') } } }],
])('the key of a task is another when %s changes', (_what, change) => {
  expect(keyOf(change)).not.toBe(taskKey(recipe));
});

test('inputs count by key alone, and uploads by the parameter that names them', () => {
  const others = recipe.inputs.map(({ key }) => ({ stage: 'enhance', key }));
  const upload = { stage: 'upload', key: digest('e') };
  expect(keyOf({ inputs: [...others, upload] })).toBe(taskKey(recipe));
});

test('a package that is only renamed keeps its artifacts', () => {
  const renamed = { base: { name: 'other', version: '2', digest: digest('a') } };
  expect(keyOf({ packages: renamed })).toBe(taskKey(recipe));
});

test('a task has the version of its stage, and the key of that', () => {
  const { stage, params, packages, inputs } = recipe;
  const task = taskOf<FilmTask>({ stage, params, packages, inputs });
  expect(task.stageVersion).toBeGreaterThanOrEqual(1);
  expect(task.key).toBe(taskKey(task));
});
