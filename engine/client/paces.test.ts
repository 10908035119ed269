import { describe, expect, test } from '@jest/globals';
import { Paces } from './paces.ts';

const limits = { unknownMs: 1_800_000, leastMs: 120_000, factor: 10 };

describe('the limit of a silence that steps say nothing of', () => {
  test('is the patient one until two jobs of the kind were done', () => {
    const paces = new Paces();
    paces.learn('base', 2_000);
    paces.learn('interp', 2_000);
    paces.learn('interp', 2_000);
    expect(paces.limitsOf('base', limits)).toEqual(limits);
    paces.learn('base', 1_000);
    expect(paces.limitsOf('base', limits)).toEqual({ ...limits, unknownMs: 360_000 });
  });

  test('follows from the longest silence of former jobs, and is never longer than the patient one', () => {
    const paces = new Paces();
    for (const ms of [1_000, 60_000, 2_000]) paces.learn('base', ms);
    expect(paces.limitsOf('base', limits).unknownMs).toBe(600_000);
    paces.learn('base', 600_000);
    expect(paces.limitsOf('base', limits)).toEqual(limits);
  });

  test('leaves time to open again what took long to open ahead', () => {
    const paces = new Paces();
    for (let job = 0; job < 2; job++) paces.learn('base', 500);
    paces.opened(90_000);
    expect(paces.limitsOf('base', limits).unknownMs).toBe(900_000);
  });
});
