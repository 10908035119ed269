import { describe, expect, test } from '@jest/globals';
import { stallLimitMs, Watchdog, type Stall } from './watchdog.ts';

const limits = { unknownMs: 60_000, leastMs: 2_000, factor: 10 };
const after = (done: number, of = 60) => ({ unit: 'step', done, of }) as const;

describe('the limit of silence', () => {
  test('is that of the unknown before a pace is known, and after the last step', () => {
    expect(stallLimitMs([], null, limits)).toBe(60_000);
    expect(stallLimitMs([900], after(2), limits)).toBe(60_000);
    expect(stallLimitMs([900, 900, 900], after(60), limits)).toBe(60_000);
  });

  test('is ten usual steps, whatever one slow step took', () => {
    expect(stallLimitMs([900, 30_000, 900], after(4), limits)).toBe(9_000);
  });

  test('is never less than the least, and never more than that of the unknown', () => {
    expect(stallLimitMs([10, 10], after(3), limits)).toBe(2_000);
    expect(stallLimitMs([9_000, 9_000], after(3), limits)).toBe(60_000);
  });
});

describe('a watchdog', () => {
  const stallOf = (limits: { unknownMs: number; leastMs: number }, begin: (dog: Watchdog) => void): Promise<Stall> =>
    new Promise((resolve) => {
      begin(new Watchdog({ factor: 10, ...limits }, resolve));
    });

  test('tells of a job that never reports', async () => {
    expect(await stallOf({ unknownMs: 30, leastMs: 10 }, () => undefined)).toMatchObject({ limitMs: 30, last: null });
  });

  test('tells of a job that stops after some steps, by its own pace', async () => {
    const { last, limitMs, silentMs } = await stallOf({ unknownMs: 60_000, leastMs: 40 }, (dog) => {
      for (let step = 1; step <= 4; step++) dog.heard(after(step));
    });
    expect(last).toEqual(after(4));
    expect(limitMs).toBe(40);
    expect(silentMs).toBeGreaterThanOrEqual(limitMs);
  });

  test('begins anew when another count begins: a decoded frame takes its own time', async () => {
    const { limitMs } = await stallOf({ unknownMs: 50, leastMs: 10 }, (dog) => {
      for (let step = 1; step <= 4; step++) dog.heard(after(step));
      dog.heard({ unit: 'frame', done: 1, of: 61 });
    });
    expect(limitMs).toBe(50);
  });

  test('that was stopped says nothing', async () => {
    const stalls: Stall[] = [];
    const dog = new Watchdog({ unknownMs: 5, leastMs: 5, factor: 10 }, (stall) => stalls.push(stall));
    dog.stop();
    await stallOf({ unknownMs: 30, leastMs: 30 }, () => undefined);
    expect(stalls).toEqual([]);
    expect(dog.silentMs).toBeGreaterThan(0);
  });
});
