import { describe, expect, test } from '@jest/globals';
import { blankPicture, drawArea, drawLine } from '../../media/drawing.ts';
import type { CampaignRecord } from '../campaign/record.ts';
import { summaryOf } from '../campaign/record.ts';
import { layRadar } from './radar.ts';
import { reportHtml } from './report-html.ts';
import { reportPicture } from './report-picture.ts';
import { shownClips } from './strips.ts';

function recordOf(label: string, normalized: readonly [number, number]): CampaignRecord {
  const scored = (['subject_consistency', 'color'] as const).map((dimension, index) => ({
    ...{ dimension, score: normalized[index]!, normalized: normalized[index]!, model: 'ours', videos: 2 },
  }));
  const sample = (number: number, score: number) => ({
    ...{ sample: number, seed: 1, clipKey: `key-${number}`, measureKey: '', generateMs: 100, measureMs: 5 },
    outcomes: [{ dimension: 'color' as const, model: 'ours', score: { score, weight: 1 } }],
  });
  return {
    ...{ format: 1, id: 'campaign-x-1', label, suite: 'pocket', models: 'pocket', settings: { steps: 8 }, samples: 2 },
    ...{ finishedMs: 0, failed: 0, cost: { generateMs: 200, measureMs: 10, clips: 2 } },
    missing: [{ dimension: 'aesthetic_quality', reason: 'nobody <knows>' }],
    prompts: [{ index: 0, prompt: 'a red "boat"', samples: [sample(0, 0.2), sample(1, 0.9)] }],
    ...summaryOf(scored),
  };
}

const records = [recordOf('plain', [1, 0.5]), recordOf('freeu & more', [0.8, 0])];

describe('a report', () => {
  test('lays dimensions out clockwise from the top, each campaign by its normalised scores', () => {
    const { axes, series, centre, radius } = layRadar(records, { width: 400, height: 400 });
    expect(axes.map(({ dimension }) => dimension)).toEqual(['subject_consistency', 'color']);
    expect(series[0]!.corners[0]!.y).toBeCloseTo(centre.y - radius, 6);
    expect(series[0]!.corners[1]!.y).toBeCloseTo(centre.y + radius / 2, 6);
    expect(series[1]!.corners[1]!.y).toBeCloseTo(centre.y, 6);
    expect(series[0]!.colour).not.toEqual(series[1]!.colour);
  });

  test('as a page says what was measured by whom, what was not and why, and escapes the words of others', () => {
    const page = reportHtml({ records, differences: [], strips: [{ caption: 'a <b>', source: 's.jpg' }] });
    expect(page).toContain('freeu &amp; more');
    expect(page).toContain('nobody &lt;knows&gt;');
    expect(page).toContain('Not comparable with the public leaderboard');
    expect(page).toContain('5.0 % of making');
    expect(page).toContain('a &lt;b&gt;');
    expect(page).not.toMatch(/<script|https?:\/\//);
  });

  test('as a picture has the shapes of both campaigns in their colours', () => {
    const { width, height, data } = reportPicture(records, []);
    const colours = new Set<string>();
    for (let at = 0; at < data.length; at += 3) colours.add(data.subarray(at, at + 3).join());
    expect(data).toHaveLength(3 * width * height);
    expect([...colours]).toEqual(expect.arrayContaining(['0,114,178', '213,94,0', '255,255,255']));
  });

  test('shows the worst and the best clip of a dimension, and none where all are alike', () => {
    expect(shownClips(records[0]!).map(({ dimension, rank, clipKey }) => [dimension, rank, clipKey])).toEqual([
      ['color', 'worst', 'key-0'],
      ['color', 'best', 'key-1'],
    ]);
  });
});

test('a line is as wide as asked, and an area tints its inside alone', () => {
  const picture = blankPicture(21, 21, [255, 255, 255]);
  expect([picture.width, picture.height]).toEqual([22, 22]);
  drawLine(picture, { x: 0, y: 10.5 }, { x: 22, y: 10.5 }, 3, [0, 0, 0]);
  const red = (x: number, y: number): number => picture.data[(y * 22 + x) * 3]!;
  expect([8, 9, 10, 11, 12].map((y) => red(11, y))).toEqual([255, 0, 0, 0, 255]);
  const area = blankPicture(20, 20, [255, 255, 255]);
  const corners = [
    { x: 5, y: 5 },
    { x: 15, y: 5 },
    { x: 15, y: 15 },
    { x: 5, y: 15 },
  ];
  drawArea(area, corners, [0, 0, 0], { opacity: 0.5, linePx: 1 });
  expect(area.data[(10 * 20 + 10) * 3]).toBe(128);
  expect(area.data[(2 * 20 + 2) * 3]).toBe(255);
});
