import { expect, test } from '@jest/globals';
import { taskQueueOf } from './task-queue.ts';

test('a queue has the name of its pool, and of each stage whose version was raised', () => {
  expect(taskQueueOf('farm', 'base', () => 1)).toBe('farm-base');
  expect(taskQueueOf('farm', 'base', (stage) => (stage === 'base' ? 3 : stage === 'interp' ? 2 : 1))).toBe(
    'farm-base-base3',
  );
  const two = taskQueueOf('farm', 'sr', (stage) => (stage === 'segment' || stage === 'enhance' ? 2 : 1));
  expect(two).toBe('farm-sr-enhance2-segment2');
});

test('the queue of the workflows is the same in every release', () => {
  expect(taskQueueOf('farm', 'edit', () => 2)).toBe('farm-edit');
});

test('by default the versions of this release count', () => {
  expect(taskQueueOf('farm', 'interp')).toBe('farm-interp-measure2');
});
