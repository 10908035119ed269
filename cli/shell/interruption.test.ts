import { EventEmitter } from 'node:events';
import { expect, test } from '@jest/globals';
import { interruption } from './interruption.ts';

test('fires at the first signal and leaves the second to the process', () => {
  const signals = new EventEmitter();
  const signal = interruption(signals as unknown as NodeJS.Process);
  expect(signal.aborted).toBe(false);
  signals.emit('SIGINT');
  expect(signal.aborted).toBe(true);
  expect(signals.listenerCount('SIGINT') + signals.listenerCount('SIGTERM')).toBe(0);
});
