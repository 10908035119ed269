import { describe, expect, test } from '@jest/globals';
import { backgroundPriority, publishRule, remakePriority, scoreRule, stageRules } from './stages.ts';

describe('ranks: smaller goes first, 1 to 5', () => {
  const ranks = [...Object.values(stageRules), publishRule, scoreRule].map((rule) => rule.priorityKey);

  test('a lost artifact is made before everything else: something that had begun stands still for it', () => {
    expect(remakePriority).toBe(1);
    for (const rank of ranks) expect(rank).toBeGreaterThan(remakePriority);
  });

  test('a campaign goes after everything that somebody waits for', () => {
    expect(backgroundPriority).toBe(5);
    for (const rank of ranks) expect(rank).toBeLessThan(backgroundPriority);
  });

  test('what continues a story goes before what begins one', () => {
    const begins = stageRules.base.priorityKey;
    for (const rule of [
      stageRules.picture,
      stageRules.completion,
      stageRules.transition,
      stageRules.film,
      publishRule,
    ]) {
      expect(rule.priorityKey).toBeLessThan(begins);
    }
  });
});
