import { expect, test } from '@jest/globals';
import { readinessOf } from './worker-state.ts';

const open = { isOpen: true, trouble: null };
const never = new AbortController().signal;
const answers = () => Promise.resolve();

test('only a worker that is fit, connected and not draining is serving', async () => {
  const state = async (parts: Partial<Parameters<typeof readinessOf>[0]>) =>
    (await readinessOf({ fitness: open, draining: never, ask: answers, ...parts })).state;
  expect(await state({})).toBe('serving');
  expect(await state({ ask: null })).toBe('starting');
  expect(await state({ fitness: { isOpen: false, trouble: null } })).toBe('recovering');
  expect(await state({ ask: () => Promise.reject(new Error('gone')) })).toBe('cut off');
  expect(await state({ draining: AbortSignal.abort() })).toBe('draining');
});

test('the reason is what a check found', async () => {
  const fitness = { isOpen: false, trouble: 'no CUDA device' };
  expect(await readinessOf({ fitness, draining: never, ask: answers })).toEqual({
    state: 'recovering',
    reason: 'no CUDA device',
  });
  expect(await readinessOf({ fitness, draining: never, ask: null })).toEqual({
    state: 'starting',
    reason: 'no CUDA device',
  });
});
