import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { stageNames, stages } from '../../story/plan/stages.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (file: string): string => readFileSync(`${root}${file}`, 'utf8');

/** The files that CONTRIBUTING names for a new stage. */
function listed(): readonly string[] {
  const [, after = ''] = read('CONTRIBUTING.md').split('**A new stage**');
  const [list = ''] = after.split('\n**');
  return [...list.matchAll(/`([\w-]+(?:\/[\w.-]+)+)`/g)].map(([, file = '']) => file);
}

test('every file on the list of a new stage is there', () => {
  expect(listed().length).toBeGreaterThanOrEqual(8);
  expect(listed().filter((file) => !existsSync(`${root}${file}`))).toEqual([]);
});

test('every stage has a line where the list says', () => {
  const engines = ['base', 'interp', 'sr'].map((pool) => read(`workers/${pool}/engine.ts`)).join('\n');
  const missing = stageNames.filter((stage) =>
    stages[stage].pool === 'edit'
      ? !read('activities/edit/cpu-maker.ts').includes(`case '${stage}'`)
      : !new RegExp(`\\b${stage}: run`).test(engines),
  );
  expect(missing).toEqual([]);
});
