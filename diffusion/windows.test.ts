import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { fullWindow, slidingWindows, type AttentionWindows, type WindowWeighting } from './windows.ts';

function rows({
  shape: [count, length],
  frames,
  weights,
}: AttentionWindows): { frames: number[]; weights: number[] }[] {
  return Array.from({ length: count }, (_, row) => ({
    frames: [...frames.subarray(row * length, (row + 1) * length)].map(Number),
    weights: [...weights.subarray(row * length, (row + 1) * length)],
  }));
}

const freeNoise = { windowLength: 16, stride: 4, weighting: 'pyramid' } as const;

test('a full window holds every frame once with weight one', () => {
  expect(rows(fullWindow(5))).toEqual([{ frames: [0, 1, 2, 3, 4], weights: [1, 1, 1, 1, 1] }]);
});

describe('slidingWindows', () => {
  test('are those of FreeNoise for 64 frames: 13 windows, 4 apart, weights 1 … 8, 8 … 1', () => {
    const windows = rows(slidingWindows({ numFrames: 64, ...freeNoise }));
    expect(windows.map((window) => window.frames[0])).toEqual([0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48]);
    expect(windows[0]!.weights).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1]);
  });

  test('weights are those of diffusers’ FreeNoise, at every length', () => {
    const golden = JSON.parse(readFileSync(new URL('goldens/window-weights.json', import.meta.url), 'utf8')) as {
      weighting: WindowWeighting;
      weights: number[];
    }[];
    for (const { weighting, weights } of golden) {
      const numFrames = weights.length;
      const made = slidingWindows({ numFrames, windowLength: numFrames, stride: numFrames, weighting });
      expect([...made.weights]).toEqual([...Float32Array.from(weights)]);
    }
  });

  test('add one window at the end of a ragged length', () => {
    const starts = rows(slidingWindows({ numFrames: 23, ...freeNoise })).map((window) => window.frames[0]);
    expect(starts).toEqual([0, 4, 7]);
  });

  test('a clip of one window, or shorter, has one window of its own length', () => {
    expect(slidingWindows({ numFrames: 16, ...freeNoise }).shape).toEqual([1, 16]);
    expect(slidingWindows({ numFrames: 5, ...freeNoise }).shape).toEqual([1, 5]);
  });

  test('cover every frame with positive weight, run in order, stay inside the clip, and never repeat a start', () => {
    const options = fc
      .record({ numFrames: fc.integer({ min: 1, max: 200 }), windowLength: fc.integer({ min: 1, max: 32 }) })
      .chain((sizes) =>
        fc.record({
          numFrames: fc.constant(sizes.numFrames),
          windowLength: fc.constant(sizes.windowLength),
          stride: fc.integer({ min: 1, max: sizes.windowLength }),
          weighting: fc.constantFrom('flat', 'pyramid'),
        }),
      );
    fc.assert(
      fc.property(options, (each) => {
        const weightOf = new Float64Array(each.numFrames);
        const windows = rows(slidingWindows(each));
        const starts = windows.map(({ frames }) => frames[0]!);
        const gaps = starts.slice(1).map((start, row) => start - starts[row]!);
        expect(gaps.every((gap) => gap > 0 && gap <= each.stride)).toBe(true);
        for (const { frames, weights } of windows) {
          expect(frames).toEqual(frames.map((_, place) => frames[0]! + place));
          expect(Math.min(...weights)).toBeGreaterThan(0);
          frames.forEach((frame, place) => {
            weightOf[frame]! += weights[place]!;
          });
        }
        expect(weightOf.every((weight) => weight > 0)).toBe(true);
        expect(weightOf).toHaveLength(each.numFrames);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    { numFrames: 0, windowLength: 16, stride: 4 },
    { numFrames: 20, windowLength: 4, stride: 8 },
    { numFrames: 20, windowLength: 16, stride: 0.5 },
  ])('refuse %o', (options) => {
    expect(() => slidingWindows({ ...options, weighting: 'flat' })).toThrow('must be whole, positive');
  });
});
