import { describe, expect, test } from '@jest/globals';
import type { RgbFrames } from '../../media/frame-file.ts';
import { philoxNormal } from '../../tensor/philox.ts';
import { strongestFlow } from '../formulas/flow-field.ts';
import { meanAbsoluteDifference } from '../formulas/mean-absolute-difference.ts';
import { classicalSet } from './classical-set.ts';
import { ClipView } from './clip-view.ts';
import { edgeFeatures } from './edge-features.ts';
import { flowMidpoint } from './flow-midpoint.ts';
import { type GreyPlane, samplePlane } from './grey-plane.ts';
import { hornSchunck } from './horn-schunck.ts';
import { noiseSigma } from './noise-level.ts';
import { comparableWithLeaderboard, publishedModel } from './roles.ts';

/** A smooth picture that looks different everywhere, moved by (x, y) pixels. */
function pattern(width: number, height: number, x = 0, y = 0): GreyPlane {
  const data = Float32Array.from({ length: width * height }, (_, at) => {
    const column = (at % width) - x;
    const row = Math.floor(at / width) - y;
    return (
      128 +
      45 * Math.sin(column / 11 + row / 17) +
      40 * Math.cos(row / 8 - column / 23) +
      25 * Math.sin(column / 6 - row / 9)
    );
  });
  return { width, height, data };
}

/** Grey frames of planes. */
function framesOf(planes: readonly GreyPlane[]): RgbFrames {
  const [{ width, height }] = planes as [GreyPlane];
  const data = Uint8Array.from(
    planes.flatMap((plane) => [0, 1, 2].flatMap(() => [...plane.data])),
    Math.round,
  );
  return { count: planes.length, width, height, data };
}

describe('Horn-Schunck flow', () => {
  test.each([
    [3, -2],
    [-7, 4],
    [0.4, 0.3],
    [0, 0],
  ])('finds a shift of (%d, %d) pixels to a third of a pixel', (x, y) => {
    const { u, v, width, height } = hornSchunck(pattern(96, 64), pattern(96, 64, x, y));
    let error = 0;
    let counted = 0;
    for (let row = 12; row < height - 12; row++) {
      for (let column = 12; column < width - 12; column++) {
        error += Math.hypot(u[row * width + column]! - x, v[row * width + column]! - y);
        counted++;
      }
    }
    expect(error / counted).toBeLessThan(1 / 3);
  });

  test('follows one thing and leaves the rest still', () => {
    const scene = (x: number): GreyPlane => {
      const { data } = pattern(96, 64);
      for (let row = 24; row < 44; row++)
        for (let column = 30; column < 50; column++) data[row * 96 + column + x] = 20 + ((row * 7 + column * 11) % 40);
      return { width: 96, height: 64, data };
    };
    const { u, v } = hornSchunck(scene(0), scene(4));
    const lengthAt = (row: number, column: number): number => Math.hypot(u[row * 96 + column]!, v[row * 96 + column]!);
    expect(u[34 * 96 + 40]).toBeGreaterThan(2.5);
    expect(lengthAt(8, 85)).toBeLessThan(0.3);
    expect(strongestFlow({ width: 96, height: 64, u, v }, 0.05)).toBeGreaterThan(2.5);
  });

  test('of two flat pictures is zero', () => {
    const flat: GreyPlane = { width: 32, height: 32, data: new Float32Array(1024).fill(90) };
    expect(strongestFlow(hornSchunck(flat, flat), 0.05)).toBe(0);
  });
});

test('the midpoint of a shift is half of it, and better than the mean of both frames', () => {
  const frames = framesOf([pattern(96, 64), pattern(96, 64, 3, 1), pattern(96, 64, 6, 2)]);
  const size = 3 * 96 * 64;
  const flow = hornSchunck(pattern(96, 64), pattern(96, 64, 6, 2));
  const real = frames.data.subarray(size, 2 * size);
  const mean = Uint8Array.from({ length: size }, (_, at) => (frames.data[at]! + frames.data[2 * size + at]!) / 2);
  const made = flowMidpoint(frames, 0, 2, flow);
  expect(meanAbsoluteDifference(real, made)).toBeLessThan(meanAbsoluteDifference(real, mean) / 3);
});

test('quarter-size flow is told in pixels of the whole picture', async () => {
  const frames = framesOf([pattern(128, 96), pattern(128, 96, 6, 0)]);
  const { u, width, height } = await classicalSet.flow!.flow(new ClipView(frames), 0, 1);
  expect([width, height]).toEqual([32, 24]);
  expect(u[12 * 32 + 16]).toBeGreaterThan(5);
  expect(u[12 * 32 + 16]).toBeLessThan(7);
});

test('the midpoint along a coarse flow is that along the same flow for every pixel, away from the border', () => {
  const frames = framesOf([pattern(96, 64), pattern(96, 64, 4, 0)]);
  const flowOf = (width: number, height: number) => ({
    width,
    height,
    u: new Float32Array(width * height).fill(4),
    v: new Float32Array(width * height),
  });
  expect(flowMidpoint(frames, 0, 1, flowOf(24, 16))).toEqual(flowMidpoint(frames, 0, 1, flowOf(96, 64)));
});

test('what several models need of a frame is made once', () => {
  const clip = new ClipView(framesOf([pattern(96, 64), pattern(96, 64, 3, 1)]));
  expect(clip.grey(1)).toBe(clip.grey(1));
  expect(clip.quarter(1)).toBe(clip.quarter(1));
  const size = { width: 48, height: 32 };
  expect(clip.input([0, 1], size)).toBe(clip.input([0, 1], size));
  expect(clip.input([1], size)).not.toBe(clip.input([0, 1], size));
  expect([clip.quarter(0).width, clip.quarter(0).height]).toEqual([24, 16]);
});

test.each([0, 15, 35, 70, 89, 91, 135, 179])(
  'an edge across %d degrees falls into the bin of 20 that holds it',
  (degrees) => {
    const [x, y] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    const ramp = (sign: number): GreyPlane => ({
      width: 32,
      height: 18,
      data: Float32Array.from({ length: 32 * 18 }, (_, at) => 500 + sign * (x * (at % 32) + y * Math.floor(at / 32))),
    });
    for (const sign of [1, -1]) {
      const bins = edgeFeatures(ramp(sign)).subarray(9 * (16 * 4 + 8), 9 * (16 * 4 + 9));
      // Both ways along 0 degrees lie on the border of the first bin and the last.
      const expected = degrees === 0 ? [0, 8] : [Math.floor(degrees / 20)];
      expect(expected).toContain(bins.indexOf(Math.max(...bins)));
    }
  },
);

test('noise is estimated to a tenth of its deviation', () => {
  const noise = philoxNormal({ seed: 3, stream: 'noise', step: 0 }, 128 * 96);
  for (const sigma of [5, 10]) {
    const data = Float32Array.from(noise, (value) => 128 + sigma * value);
    expect(Math.abs(noiseSigma({ width: 128, height: 96, data }) / sigma - 1)).toBeLessThan(0.1);
  }
});

test('a plane is sampled between its pixels and beyond its border', () => {
  const plane: GreyPlane = { width: 2, height: 1, data: Float32Array.of(10, 20) };
  expect(samplePlane(plane, 0.25, 0)).toBeCloseTo(12.5, 6);
  expect(samplePlane(plane, -3, 9)).toBe(10);
  expect(samplePlane(plane, 5, 0)).toBe(20);
});

test('only scores by the published models are comparable with the leaderboard', () => {
  const published = { dimension: 'dynamic_degree', model: publishedModel('dynamic_degree') } as const;
  expect(comparableWithLeaderboard([published])).toBe(true);
  expect(comparableWithLeaderboard([published, { dimension: 'imaging_quality', model: 'immerkaer noise 1' }])).toBe(
    false,
  );
  expect(comparableWithLeaderboard([])).toBe(false);
});
