import { describe, expect, test } from '@jest/globals';
import { SteadyPlaces, steadyRateOf } from './steady-rate.ts';

const times = (count: number, fps: number, round = 1e9): Float64Array =>
  Float64Array.from({ length: count }, (_, index) => Math.round((index / fps) * round) / round);

describe('the rate of footage', () => {
  test.each([
    [25, { num: 25, den: 1 }],
    [30_000 / 1001, { num: 30_000, den: 1001 }],
    [24_000 / 1001, { num: 24_000, den: 1001 }],
    [59.94, { num: 60_000, den: 1001 }],
    [12.5, { num: 12_500, den: 1000 }],
  ])('of frames at %s per second is that, also where a container rounds to milliseconds', (fps, rate) => {
    for (const round of [1e9, 1000]) {
      expect(steadyRateOf(times(500, fps, round), null)).toEqual({ rate, varies: false });
    }
  });

  test('is the one that the header says, where that is as near', () => {
    expect(steadyRateOf(times(50, 12.5), { num: 25, den: 2 }).rate).toEqual({ num: 25, den: 2 });
  });

  test('of frames that come at their own times is that of the quick ones, and at most 60', () => {
    const slow = Float64Array.from([0, 1 / 30, 2 / 30, 10 / 30, 11 / 30, 30 / 30, 31 / 30]);
    expect(steadyRateOf(slow, null)).toEqual({ rate: { num: 30, den: 1 }, varies: true });
    expect(steadyRateOf(Float64Array.from([0, 0.001, 0.002, 0.5, 0.9]), null).rate).toEqual({ num: 60, den: 1 });
  });

  test('of one frame is what the header says', () => {
    expect(steadyRateOf(Float64Array.of(0), { num: 10, den: 1 })).toEqual({ rate: { num: 10, den: 1 }, varies: false });
    expect(steadyRateOf(new Float64Array(0), null).rate).toEqual({ num: 24, den: 1 });
  });
});

/** How often each frame is shown. */
function shown(seconds: readonly (number | null)[], lasts = 0): number[] {
  const places = new SteadyPlaces({ num: 10, den: 1 });
  const counts = seconds.map((time) => places.next(time)).slice(1);
  return [...counts, places.last(lasts)];
}

describe('places of frames', () => {
  test('hold a frame until the next one comes', () => {
    expect(shown([0, 0.1, 0.5, 0.6])).toEqual([1, 4, 1, 1]);
  });

  test('leave out a frame whose place is taken by the next', () => {
    expect(shown([0, 0.02, 0.1])).toEqual([0, 1, 1]);
  });

  test('go on by one where no time is told, and do not go back', () => {
    expect(shown([null, null, null])).toEqual([1, 1, 1]);
    expect(shown([0, 0.4, 0.2, 0.5])).toEqual([4, 0, 1, 1]);
  });

  test('show the last frame as long as it lasts, once at least', () => {
    expect(shown([0, 0.1], 0.5)).toEqual([1, 5]);
    expect(new SteadyPlaces({ num: 10, den: 1 }).last(1)).toBe(0);
  });
});
