import { expect, test } from '@jest/globals';
import { backgroundPriority, storyPriority } from './stages.ts';

test('a campaign goes after everything that somebody waits for: smaller goes first, 1 to 5', () => {
  expect(backgroundPriority).toBe(5);
  expect(storyPriority).toBeLessThan(backgroundPriority);
});
