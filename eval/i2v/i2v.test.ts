import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import type FormulaGoldens from '../formulas/goldens/vbench.json';
import { type TrackGrid, askedCameraMotion, cameraMotion, cameraMotions } from './camera-motion.ts';
import { i2vFinalScore } from './final-score.ts';
import type Goldens from './goldens/vbench.json';
import { imageConformity } from './image-conformity.ts';

const goldens = JSON.parse(readFileSync(new URL('goldens/vbench.json', import.meta.url), 'utf8')) as typeof Goldens;
const formulaGoldens = JSON.parse(
  readFileSync(new URL('../formulas/goldens/vbench.json', import.meta.url), 'utf8'),
) as typeof FormulaGoldens;

const { picture, frames, camera, asked, ...golden } = goldens.i2v;

/** Row and column of the point of each edge that is followed. */
const edges = { top: [0, 5], bottom: [9, 5], left: [5, 0], right: [5, 9] } as const;
type Edge = keyof typeof edges;

describe('equals the functions of the vbench package', () => {
  test('conformity of subject and background to the picture', () => {
    expect(imageConformity(picture, frames)?.score).toBeCloseTo(golden.i2v_subject, 6);
    expect(imageConformity(picture, frames)?.score).toBeCloseTo(golden.i2v_background, 6);
    expect(imageConformity(picture, frames.slice(1, 2))).toBeNull();
  });

  test('camera motion from tracked points', () => {
    const grid = (points: number[][][]): TrackGrid => points as unknown as TrackGrid;
    for (const { end, found } of camera.cases) {
      expect([...cameraMotions(grid(camera.start), grid(end), camera)].sort()).toEqual(found);
    }
    expect(new Set(camera.cases.flatMap(({ found }) => found)).size).toBe(7);
  });

  test('camera motion where pairs of edges stand still, agree and disagree', () => {
    const { width, height, cases } = JSON.parse(
      readFileSync(new URL('goldens/camera.json', import.meta.url), 'utf8'),
    ) as { width: number; height: number; cases: { moved: Record<Edge, [number, number]>; found: string[] }[] };
    const still = Array.from({ length: 10 }, () => Array.from({ length: 10 }, () => [50, 60] as const));
    for (const { moved, found } of cases) {
      const end: TrackGrid = still.map((row, y) =>
        row.map((point, x) => {
          const edge = (Object.keys(edges) as Edge[]).find((name) => edges[name][0] === y && edges[name][1] === x);
          return edge === undefined ? point : ([50 + moved[edge][0], 60 + moved[edge][1]] as const);
        }),
      );
      expect([...cameraMotions(still, end, { width, height })].sort()).toEqual(found);
    }
  });

  test('what a prompt asks the camera to do', () => {
    for (const [prompt, motion] of asked) expect(askedCameraMotion(prompt!)).toBe(motion);
    expect(askedCameraMotion('a boat')).toBeNull();
    expect(cameraMotion(new Set(['zoom_in', 'pan_left'] as const), 'pan_left').score).toBe(1);
    expect(cameraMotion(new Set(), 'static').score).toBe(0);
  });

  test('I2V, quality and total score', () => {
    for (const { raw, i2v, quality, total } of formulaGoldens.final_score.i2v) {
      const made = i2vFinalScore(raw);
      expect(made.i2v).toBeCloseTo(i2v, 12);
      expect(made.quality).toBeCloseTo(quality, 12);
      expect(made.total).toBeCloseTo(total, 12);
    }
    expect(i2vFinalScore({ i2v_subject: 1 })).toEqual({ i2v: null, quality: null, total: null });
  });
});
