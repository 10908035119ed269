import { describe, expect, test } from '@jest/globals';
import { philoxNormal } from '../../tensor/philox.ts';
import type { Dimension } from '../formulas/dimensions.ts';
import type { PromptRecord } from './campaign.ts';
import { bootstrapSettings, compareCampaigns } from './compare.ts';
import { leaderboard } from './leaderboard.ts';
import { type CampaignRecord, onRange, summaryOf } from './record.ts';
import { importResults, vbenchFileName } from './vbench-files.ts';

/** A campaign of one clip per prompt with these scores. */
function recordOf(
  scores: readonly number[],
  dimension: Dimension = 'imaging_quality',
  model = 'ours 1',
): CampaignRecord {
  const prompts = scores.map((score, index): PromptRecord => ({
    index,
    prompt: `prompt ${index}`,
    samples: [
      {
        sample: 0,
        seed: 1,
        clipKey: '',
        measureKey: '',
        generateMs: 1,
        measureMs: 1,
        outcomes: [{ dimension, model, score: { score, weight: 1 } }],
      },
    ],
  }));
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return {
    format: 1,
    id: 'campaign-test-1',
    label: 'test',
    suite: 'test',
    models: 'pocket',
    settings: {},
    samples: 1,
    finishedMs: 0,
    missing: [],
    cost: { generateMs: 0, measureMs: 0, clips: 0 },
    failed: 0,
    prompts,
    ...summaryOf([
      { dimension, score: mean, normalized: onRange(dimension, mean, model), model, videos: scores.length },
    ]),
  };
}

const noise = (step: number): readonly number[] => [...philoxNormal({ seed: 1, stream: 'scores', step }, 60)];

describe('comparing two campaigns', () => {
  const base = noise(0).map((value) => 0.5 + 0.2 * value);

  test('finds a small difference that every pair shows, however much prompts differ', () => {
    const better = noise(1).map((value, index) => base[index]! + 0.02 + 0.005 * value);
    const [row] = compareCampaigns(recordOf(base), recordOf(better));
    expect(row).toMatchObject({ dimension: 'imaging_quality', prompts: 60, pairs: 60, verdict: 'higher' });
    expect(row!.difference).toBeCloseTo(0.02, 2);
    expect(row!.low).toBeGreaterThan(0.015);
    expect(row!.high).toBeLessThan(0.025);
    const [other] = compareCampaigns(recordOf(better), recordOf(base));
    expect(other).toMatchObject({ verdict: 'lower' });
  });

  test('shows no difference where there is none', () => {
    // Half of the prompts gain what the other half loses.
    const pushes = noise(2);
    const shaken = base.map((score, index) => score + 0.05 * pushes[index >> 1]! * (index % 2 === 0 ? 1 : -1));
    expect(compareCampaigns(recordOf(base), recordOf(shaken))).toMatchObject([{ verdict: 'no difference shown' }]);
  });

  test('gives an interval of the width that theory gives: 1.96 standard errors to each side', () => {
    const shaken = noise(3).map((value, index) => base[index]! + 0.1 * value);
    const differences = shaken.map((value, index) => value - base[index]!);
    const mean = differences.reduce((sum, value) => sum + value, 0) / 60;
    const error = Math.sqrt(differences.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 60 / 60);
    const [row] = compareCampaigns(recordOf(base), recordOf(shaken), { ...bootstrapSettings, resamples: 8_000 });
    expect((row!.high - row!.low) / (2 * 1.96 * error)).toBeCloseTo(1, 1);
  });

  test('says of a few prompts that they are too few, however wide apart they are', () => {
    const verdictOver = (prompts: number): unknown => {
      const low = Array.from({ length: prompts }, (_, index) => 0.2 + index / 100);
      return compareCampaigns(recordOf(low), recordOf(low.map((score) => score + 0.6)))[0]?.verdict;
    };
    expect([1, 4, 5].map(verdictOver)).toEqual(['too few prompts', 'too few prompts', 'higher']);
  });

  test('looks only at clips that both have', () => {
    expect(compareCampaigns(recordOf(base), recordOf(base.slice(0, 9)))).toMatchObject([{ prompts: 9, difference: 0 }]);
    expect(compareCampaigns(recordOf(base), recordOf(base, 'color'))).toEqual([]);
  });
});

test('the leaderboard puts comparable campaigns first, and never a total beside scores of other models', () => {
  const published = recordOf([0.4], 'imaging_quality', 'MUSIQ-SPAQ');
  const rows = leaderboard([recordOf([0.9]), published, recordOf([0.95])]);
  expect(rows.map(({ comparable }) => comparable)).toEqual([true, false, false]);
  expect(rows.map(({ mean }) => mean)).toEqual([0.4, 0.95, 0.9]);
  expect(rows.every(({ total }) => total === null)).toBe(true);
});

describe('the way to the vbench command and back', () => {
  test('names files by prompt and number', () => {
    expect(vbenchFileName('a person, "riding" a bike', 4)).toBe('a person, "riding" a bike-4.mp4');
    expect(() => vbenchFileName('half/half', 0)).toThrow('cannot be a file name');
    expect(() => vbenchFileName('x'.repeat(260), 0)).toThrow('cannot be a file name');
  });

  test('takes over results, and compares them with others by prompt', () => {
    const results = {
      imaging_quality: [
        0.6,
        [0, 1, 2].map((n) => ({ video_path: `/v/prompt ${n}-0.mp4`, video_results: 0.5 + n / 10 })),
      ],
      scene: [0.3, []],
    };
    const record = importResults(results, { label: 'elsewhere', models: 'lavie', nowMs: 5 });
    expect(record).toMatchObject({ label: 'elsewhere', comparable: true, final: { total: null } });
    expect(record.dimensions.map(({ dimension, score }) => [dimension, score])).toEqual([
      ['imaging_quality', 0.6],
      ['scene', 0.3],
    ]);
    expect(record.dimensions[1]!.normalized).toBeCloseTo(0.3 / 0.8222, 6);
    expect(record.missing).toHaveLength(14);
    expect(compareCampaigns(recordOf([0.5, 0.6, 0.7]), record)).toMatchObject([{ pairs: 3, difference: 0 }]);
  });

  test.each([[[]], [{ beauty: [1, []] }], [{ scene: 3 }], [{}]])('refuses %j', (json) => {
    expect(() => importResults(json, { label: 'x', models: 'y', nowMs: 0 })).toThrow(
      'no results of the vbench command',
    );
  });
});
