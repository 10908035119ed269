import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { blankPicture, drawArea, drawBox, drawLine } from '../../media/drawing.ts';
import { compareCampaigns } from '../campaign/compare.ts';
import { FrameFile, writeFrameFile } from '../../media/frame-file.ts';
import type { CampaignRecord } from '../campaign/record.ts';
import { summaryOf } from '../campaign/record.ts';
import { layRadar } from './radar.ts';
import { reportHtml } from './report-html.ts';
import { reportPicture } from './report-picture.ts';
import { settingsTable } from './report-words.ts';
import { scoreTable } from './score-table.ts';
import { drawStrip, type ShownClip, shownClips, stripWidth } from './strips.ts';

function recordOf(label: string, normalized: readonly [number, number]): CampaignRecord {
  const scored = (['subject_consistency', 'color'] as const).map((dimension, index) => ({
    dimension,
    score: normalized[index]!,
    normalized: normalized[index]!,
    model: 'ours',
    videos: 2,
  }));
  const sample = (number: number, score: number) => ({
    sample: number,
    seed: 1,
    clipKey: `key-${number}`,
    measureKey: '',
    generateMs: 100,
    measureMs: 5,
    outcomes: [{ dimension: 'color' as const, model: 'ours', score: { score, weight: 1 } }],
  });
  return {
    format: 1,
    id: 'campaign-x-1',
    label,
    suite: 'pocket',
    models: 'pocket',
    settings: { steps: 8 },
    samples: 2,
    clips: { stage: 'decode', fps: 6 },
    finishedMs: 0,
    failed: 0,
    cost: { generateMs: 200, measureMs: 10, clips: 2 },
    missing: [{ dimension: 'aesthetic_quality', reason: 'nobody <knows>' }],
    prompts: [{ index: 0, prompt: 'a red "boat"', samples: [sample(0, 0.2), sample(1, 0.9)] }],
    ...summaryOf(scored),
  };
}

const records = [recordOf('plain', [1, 0.5]), recordOf('freeu & more', [0.8, 0])];

describe('a report', () => {
  test('lays dimensions out clockwise from the top, each campaign by its normalised scores', () => {
    const [first] = records;
    const { axes, series, centre, radius } = layRadar([first!, { ...first!, dimensions: [] }], {
      width: 400,
      height: 400,
    });
    expect(axes.map(({ dimension }) => dimension)).toEqual(['subject_consistency', 'color']);
    expect(series[0]!.corners[0]!.y).toBeCloseTo(centre.y - radius, 6);
    expect(axes.map(({ low, high }) => [low, high])).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(series[0]!.corners[1]!.y).toBeCloseTo(centre.y + 0.56 * radius, 6);
    expect(series[1]!.corners).toEqual([null, null]);
    expect(series[0]!.colour).not.toEqual(series[1]!.colour);
  });

  test('draws several campaigns each axis on a range of its own, of round numbers', () => {
    const close = [recordOf('one', [0.97, 0.41]), recordOf('two', [0.962, 0.33])];
    const { axes, series, centre, radius } = layRadar(close, { width: 400, height: 400 });
    expect(axes.map(({ low, high }) => [low, high])).toEqual([
      [0.9, 1],
      [0.3, 0.45],
    ]);
    expect(centre.y - series[0]!.corners[0]!.y).toBeCloseTo((0.12 + 0.88 * 0.7) * radius, 6);
  });

  test('marks what is highest, and nothing where all are alike', () => {
    const rows = scoreTable([records[0]!, recordOf('other', [1, 0.25])]);
    expect(rows.map(({ name, values, best }) => [name, values, [...best]])).toEqual([
      ['subject consistency', [1, 1], []],
      ['color', [0.5, 0.25], [0]],
      ['mean', [0.75, 0.625], [0]],
    ]);
  });

  test('says side by side how clips were made', () => {
    const other: CampaignRecord = { ...records[1]!, settings: { steps: 12, freeu: { b1: 1.1, b2: 1.2 } } };
    const rows = settingsTable([records[0]!, other]);
    expect(rows).toContainEqual(['steps', '8', '12']);
    expect(rows).toContainEqual(['freeu', '-', 'b1 1.1, b2 1.2']);
    expect(rows).toContainEqual(['frames per second', '6', '6']);
  });

  test('as a page says what was measured by whom, what was not and why, and escapes the words of others', () => {
    const clip: ShownClip = { ...shownClips(records[0]!)[0]!, prompt: 'a <b>' };
    const differences = [{ label: 'b against a', rows: compareCampaigns(records[0]!, records[1]!) }];
    const page = reportHtml({ records, differences, strips: [{ clip, source: 's.jpg' }] });
    expect(page).toContain('freeu &amp; more');
    expect(page).toContain('nobody &lt;knows&gt;');
    expect(page).toContain('Not comparable with the public leaderboard');
    expect(page).toContain('5.0 % of making');
    expect(page).toContain('a &lt;b&gt;');
    expect(page).toContain('too few prompts');
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

test('a strip shows frames of the whole clip, side by side and made smaller', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shotline-strip-'));
  const [count, width, height] = [16, 256, 144];
  // Every frame has a level of its own.
  const data = Uint8Array.from(
    { length: count * 3 * width * height },
    (_, at) => 10 * Math.floor(at / (3 * width * height)),
  );
  await writeFrameFile(join(folder, 'clip'), { count, width, height, data });
  const file = await FrameFile.open(join(folder, 'clip'));
  const strip = await drawStrip(file);
  await file.close();
  await rm(folder, { recursive: true });
  expect([strip.width, strip.height]).toEqual([stripWidth, 72]);
  const levels = [0, 1, 2, 3, 4, 5].map((picture) => strip.data[3 * (36 * stripWidth + picture * 130 + 64)]!);
  expect(levels).toEqual([...levels].sort((one, two) => one - two));
  expect(new Set(levels).size).toBe(6);
});

test('a box is filled as far as it lies in the picture', () => {
  const picture = blankPicture(4, 4, [255, 255, 255]);
  drawBox(picture, { left: 2, top: -1, width: 9, height: 2 }, [0, 0, 0]);
  const dark = [...picture.data.keys()].filter((at) => at % 3 === 0 && picture.data[at] === 0).map((at) => at / 3);
  expect(dark).toEqual([2, 3]);
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

test('a page of a campaign that somebody forged has no tag and no hidden sign of theirs', () => {
  const evil = `<img src=x onerror=alert(3)>"'><script>\u202e\u009b`;
  const color = evil as unknown as 'color';
  const [plain] = records;
  const scored = plain!.dimensions.map((each) => ({ ...each, dimension: color, model: evil }));
  const prompts = plain!.prompts.map(({ samples, ...rest }) => ({
    ...rest,
    prompt: evil,
    samples: samples.map((sample, index) => ({
      ...sample,
      outcomes: [{ dimension: color, model: evil, score: { score: index, weight: 1 } }],
    })),
  }));
  const forged: CampaignRecord = {
    ...plain!,
    id: evil,
    label: evil,
    suite: evil,
    models: evil,
    settings: { [evil]: evil },
    dimensions: scored,
    prompts,
    missing: [{ dimension: color, reason: evil }],
  };
  const clip = shownClips(forged)[0]!;
  const page = reportHtml({
    records: [forged, plain!],
    differences: [{ label: evil, rows: compareCampaigns(forged, plain!) }],
    strips: [{ clip, source: evil }],
  });
  expect(
    page.match(/&lt;img src=x onerror=alert\(3\)&gt;&quot;&#39;&gt;&lt;script&gt;\\u202e\\u009b/g)!.length,
  ).toBeGreaterThan(9);
  expect(page).not.toMatch(/<img src=x|<script|[\u202e\u009b]/);
});
