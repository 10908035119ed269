import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { aestheticQuality, aestheticScore } from './aesthetic-quality.ts';
import { appearanceStyle } from './appearance-style.ts';
import { color, coloredObject } from './color.ts';
import { dimensionNames } from './dimensions.ts';
import { dynamicDegree, dynamicFlow, dynamicFrames } from './dynamic-degree.ts';
import { type DimensionScores, completeScores, finalScore } from './final-score.ts';
import { frameConsistency } from './frame-consistency.ts';
import { middleFrames } from './frame-sampling.ts';
import type Goldens from './goldens/vbench.json';
import { actionOf, humanAction } from './human-action.ts';
import { imagingQuality, imagingSize } from './imaging-quality.ts';
import { motionSmoothness, smoothnessTriples } from './motion-smoothness.ts';
import { multipleObjects, objectClass } from './object-class.ts';
import { scene } from './scene.ts';
import { type Box, spatialRelationship } from './spatial-relationship.ts';
import { isStatic, staticFlow, staticPairs } from './static-filter.ts';
import { temporalFlickering } from './temporal-flickering.ts';
import { type VideoScore, poolScores } from './video-score.ts';
import { videoText } from './video-text.ts';

const goldens = JSON.parse(readFileSync(new URL('goldens/vbench.json', import.meta.url), 'utf8')) as typeof Goldens;

/** The reference computes features in float32; nothing else differs. */
const digits = 6;

function expectScores(videos: readonly (VideoScore | null)[], golden: { all: number; each: readonly number[] }): void {
  expect(videos).toHaveLength(golden.each.length);
  for (const [index, video] of videos.entries()) expect(video?.score).toBeCloseTo(golden.each[index]!, digits);
  expect(poolScores(videos)).toBeCloseTo(golden.all, digits);
}

const bytes = (frames: readonly number[][]): Uint8Array[] => frames.map((frame) => Uint8Array.from(frame));
const fieldOf = (flow: { width: number; height: number; u: number[]; v: number[] }) => ({
  ...flow,
  u: Float32Array.from(flow.u),
  v: Float32Array.from(flow.v),
});

describe('equals the functions of the vbench package', () => {
  test('subject and background consistency, with frames that point away', () => {
    const { videos, subject, background } = goldens.frame_consistency;
    expectScores(videos.map(frameConsistency), subject);
    expectScores(videos.map(frameConsistency), background);
  });

  test('temporal flickering', () => {
    const { videos, ...golden } = goldens.temporal_flickering;
    expectScores(
      videos.map((video) => temporalFlickering(bytes(video))),
      golden,
    );
  });

  test('motion smoothness, for odd and even numbers of frames', () => {
    const { videos, interpolated, ...golden } = goldens.motion_smoothness;
    videos.forEach((video, index) => {
      expect(smoothnessTriples(video.length)).toHaveLength(interpolated[index]!.length);
    });
    expectScores(
      videos.map((video, index) => motionSmoothness(bytes(video), bytes(interpolated[index]!))),
      golden,
    );
  });

  test('dynamic degree: sampling, flow strength, threshold and count', () => {
    const { cases, flow } = goldens.dynamic_degree;
    expect(new Set(cases.map((each) => each.moves)).size).toBe(2);
    for (const { frames, fps, size, strengths, moves } of cases) {
      expect(dynamicFrames(frames, fps)).toHaveLength(strengths.length + 1);
      expect(dynamicDegree(strengths, { width: size, height: size })?.score).toBe(moves ? 1 : 0);
    }
    expect(dynamicFlow(fieldOf(flow))).toBeCloseTo(flow.strength, 5);
  });

  test('the static filter', () => {
    const { cases, flow } = goldens.static_filter;
    expect(new Set(cases.map((each) => each.static)).size).toBe(2);
    for (const each of cases) expect(isStatic(each.strengths, each)).toBe(each.static);
    expect(staticFlow(fieldOf(flow))).toBeCloseTo(flow.strength, 5);
    expect(staticPairs(3)).toEqual([
      [0, 1],
      [1, 2],
      [0, 2],
      [2, 0],
    ]);
  });

  test('aesthetic quality', () => {
    const { videos, head, ...golden } = goldens.aesthetic_quality;
    expectScores(
      videos.map((video) => aestheticQuality(video.map((feature) => aestheticScore(feature, head)))),
      golden,
    );
  });

  test('imaging quality and the size at which it looks', () => {
    const { scores, sizes, ...golden } = goldens.imaging_quality;
    expectScores(scores.map(imagingQuality), golden);
    for (const { from, to } of sizes) {
      expect(imagingSize({ height: from[0]!, width: from[1]! })).toEqual({ height: to[0], width: to[1] });
    }
  });

  test('object class and multiple objects', () => {
    const { videos, one, two } = goldens.objects;
    const labels = videos.map((video) => video.map((frame) => new Set(frame)));
    expectScores(
      labels.map((video) => objectClass(video, one.wanted)),
      one,
    );
    expectScores(
      labels.map((video) => multipleObjects(video, two.wanted)),
      two,
    );
  });

  test('human action, on both sides of the threshold', () => {
    const { labels, files, logits, ...golden } = goldens.human_action;
    expectScores(
      files.map((file, index) => humanAction(logits[index]!, labels, actionOf(file))),
      golden,
    );
  });

  test('color, where videos without a described object drop out', () => {
    const { videos, objects, all, each } = goldens.color;
    const scores = videos.map((video) =>
      color(
        video.map((frame) => frame.map(([caption, label]) => ({ caption: caption!, label: label! }))),
        { object: 'car', color: 'red' },
      ),
    );
    expect(scores.map((score) => score?.score)).toEqual([each['0.mp4'], undefined, each['2.mp4']]);
    expect(poolScores(scores)).toBeCloseTo(all, digits);
    for (const [prompt, wanted, object] of objects) expect(coloredObject(prompt!, wanted!)).toBe(object);
  });

  test('spatial relationship in all four directions', () => {
    for (const { relationship, videos, ...golden } of goldens.spatial_relationship.cases) {
      const scores = videos.map((video) =>
        spatialRelationship(
          video.map((frame) => frame.map(([label, box]) => ({ label: label as string, box: box as unknown as Box }))),
          { objectA: 'dog', objectB: 'cat', relationship },
        ),
      );
      expectScores(scores, golden);
    }
  });

  test('scene', () => {
    const { videos, wanted, ...golden } = goldens.scene;
    expectScores(
      videos.map((captions) => scene(captions, wanted)),
      golden,
    );
  });

  test('appearance style', () => {
    const { logits, ...golden } = goldens.appearance_style;
    expectScores(logits.map(appearanceStyle), golden);
  });

  test('temporal style and overall consistency', () => {
    const { videos, texts, temporal_style: style, overall_consistency: overall } = goldens.video_text;
    const scores = videos.map((video, index) => videoText(video, texts[index]!));
    expectScores(scores, style);
    expectScores(scores, overall);
  });

  test('which frames are looked at', () => {
    for (const { frames, count, indices } of goldens.frame_sampling.cases) {
      expect(middleFrames(frames, count)).toEqual(indices);
    }
  });

  test('quality, semantic and total score', () => {
    for (const { raw, quality, semantic, total } of goldens.final_score.t2v) {
      const made = finalScore(raw);
      expect(made.quality).toBeCloseTo(quality, 12);
      expect(made.semantic).toBeCloseTo(semantic, 12);
      expect(made.total).toBeCloseTo(total, 12);
    }
  });
});

describe('final score', () => {
  test('is withheld when a dimension is missing, and reads it as 0 when completed', () => {
    const raw: DimensionScores = goldens.final_score.t2v[0]!.raw;
    const rest = Object.fromEntries(Object.entries(raw).filter(([name]) => name !== 'scene')) as DimensionScores;
    const partial = finalScore(rest);
    expect(partial).toEqual({ quality: finalScore(raw).quality, semantic: null, total: null });
    const completed = finalScore(completeScores(rest));
    expect(completed.semantic).toBeCloseTo(finalScore({ ...raw, scene: 0 }).semantic!, 12);
  });

  test('knows the sixteen dimensions, ten of them free of labels', () => {
    expect(dimensionNames).toHaveLength(16);
    expect(finalScore({}).total).toBeNull();
  });
});

describe('videos without enough frames', () => {
  test('have no score instead of a wrong one', () => {
    expect(frameConsistency([[1, 2]])).toBeNull();
    expect(temporalFlickering([Uint8Array.of(1)])).toBeNull();
    expect(motionSmoothness(bytes([[1], [2]]), [])).toBeNull();
    expect(dynamicDegree([], { width: 8, height: 8 })).toBeNull();
    expect(objectClass([], 'boat')).toBeNull();
    expect(scene([], 'sea')).toBeNull();
    expect(poolScores([null, null])).toBeNull();
  });
});

test('a still video has full consistency and no flicker, whatever it shows', () => {
  const feature = fc.array(fc.float({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 8 });
  fc.assert(
    fc.property(feature, fc.integer({ min: 2, max: 6 }), (values, count) => {
      fc.pre(values.some((value) => Math.abs(value) > 1e-3));
      const still = Array.from({ length: count }, () => values);
      expect(frameConsistency(still)?.score).toBeCloseTo(1, 9);
      const frame = Uint8Array.from(values, (value) => 127 + value * 100);
      expect(temporalFlickering(still.map(() => frame))?.score).toBe(1);
    }),
  );
});
