import { expect, test } from '@jest/globals';
import { identityFor, isOwnOf, workerName, workerOf } from './identity.ts';

test('a worker is known by one name, and is told from itself serving an earlier release', () => {
  const name = workerName('edit');
  expect(name).not.toBe(workerName('edit'));
  expect(isOwnOf(name, 'edit', process.pid)).toBe(true);
  expect(isOwnOf(name, 'edit', process.pid + 1)).toBe(false);
  expect(isOwnOf(name, 'base', process.pid)).toBe(false);
  const earlier = identityFor(name, '0.1.0-abc');
  expect(isOwnOf(earlier, 'edit', process.pid)).toBe(false);
  expect(workerOf(earlier)).toBe(name);
  expect(workerOf(name)).toBe(name);
});
