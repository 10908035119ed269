import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ClipReport } from '../../eval/clip-report.ts';
import type { Dimension } from '../../eval/formulas/dimensions.ts';
import { scorePrompt } from '../../eval/score-prompt.ts';
import type { SuitePrompt } from '../../eval/suite.ts';
import { type RgbFrames, writeFrameFile } from '../../media/frame-file.ts';
import { openFrameReader } from '../../media/read-frames.ts';
import { exampleModels } from '../fakes/example-models.ts';
import { exampleStory } from '../fakes/example-story.ts';
import { interpolatedClip, planMeasure } from '../../story/plan/plan-measure.ts';
import { planMadeStory } from '../../story/plan/plan-story.ts';
import type { MeasureTask } from '../../story/plan/task.ts';
import { runMeasure } from '../../workers/interp/measure-clip.ts';
import { type LocalPackage, ModelCache, readPackage } from '../../engine/models.ts';
import { FakeEngineJob } from '../fakes/fake-engine-job.ts';

/** The stage with the shipped models, on what the pocket models made of "a red boat sails to the right on the sea …". */
const root = join(import.meta.dirname, '../..');
jest.setTimeout(120_000);

let cache: ModelCache;
let probe: LocalPackage;
let detector: LocalPackage;
let boat: RgbFrames;
const jobs: FakeEngineJob[] = [];

beforeAll(async () => {
  cache = new ModelCache({ devices: [{ kind: 'cpu' }], threads: 1, budgetBytes: 2 ** 30 }, () => undefined);
  probe = await readPackage(join(root, 'models/packages/pocket-probe'));
  detector = await readPackage(join(root, 'models/packages/pocket-detector'));
  boat = await readClip(join(root, 'eval/fixtures/boat.mp4'));
});
afterAll(async () => {
  await cache.close();
  for (const job of jobs) await job.dispose();
});

async function readClip(file: string): Promise<RgbFrames> {
  const reader = await openFrameReader(file, { maxWidth: 256 });
  const pictures = [];
  for await (const picture of reader.frames()) pictures.push(picture);
  await reader.close();
  const { width, height } = reader;
  const data = new Uint8Array(pictures.length * 3 * width * height);
  pictures.forEach((picture, frame) => {
    for (let at = 0; at < picture.data.length; at++)
      data[(frame * 3 + (at % 3)) * width * height + Math.floor(at / 3)] = picture.data[at]!;
  });
  return { count: pictures.length, width, height, data };
}

/** Measures a clip as the pool does, with all models of the set, or without the detector. */
async function measured(clip: RgbFrames, prompt: string, withDetector = true): Promise<ClipReport> {
  const [shot] = planMadeStory(exampleStory([{ kind: 'cut' }]), exampleModels).shots;
  const planned = planMeasure(interpolatedClip(shot!, 8), prompt, exampleModels);
  const ref = exampleModels.packages.text!;
  const packages = { probe: ref, text: ref, ...(withDetector ? { detector: ref } : {}) };
  const task: MeasureTask = { ...planned, packages };
  const files = await FakeEngineJob.create({ graphs: {}, manifests: {} });
  const input = join(files.scratchDir, 'clip.safetensors');
  await writeFrameFile(input, clip);
  const job = await FakeEngineJob.create({
    graphs: {
      'probe/probe': await cache.graph(probe, 'probe'),
      'detector/detector': await cache.graph(detector, 'detector'),
    },
    manifests: { probe: probe.manifest, detector: detector.manifest },
    packageDirs: { text: join(root, 'models/packages/pocket-text') },
    inputFiles: [input],
  });
  jobs.push(files, job);
  await runMeasure(task, job);
  expect(job.reports.at(-1)).toEqual({ unit: 'frame', done: clip.count, of: clip.count });
  return JSON.parse(await readFile(job.outputFile, 'utf8')) as ClipReport;
}

const scoreOf = (measure: ClipReport, dimension: Dimension, info: SuitePrompt['auxiliary_info']): number | null => {
  const [outcome] = scorePrompt(measure, { prompt_en: 'x', dimension: [dimension], auxiliary_info: info });
  if (outcome === undefined || !('score' in outcome)) throw new Error(`${dimension}: ${JSON.stringify(outcome)}`);
  return outcome.score?.score ?? null;
};

/** Frames in another order. */
function reordered(clip: RgbFrames, order: readonly number[]): RgbFrames {
  const size = 3 * clip.width * clip.height;
  const data = new Uint8Array(order.length * size);
  order.forEach((from, to) => {
    data.set(clip.data.subarray(from * size, (from + 1) * size), to * size);
  });
  return { ...clip, count: order.length, data };
}

/** The same frame all the time. */
function still(clip: RgbFrames, frame: number): RgbFrames {
  return reordered(clip, Array<number>(clip.count).fill(frame));
}

/** Left and right exchanged. */
function mirrored(clip: RgbFrames): RgbFrames {
  const { width, data } = clip;
  return { ...clip, data: Uint8Array.from(data, (_, at) => data[at - (at % width) + width - 1 - (at % width)]!) };
}

/** Red and blue exchanged. */
function recoloured(clip: RgbFrames): RgbFrames {
  const size = clip.width * clip.height;
  const data = new Uint8Array(clip.data.length);
  for (let plane = 0; plane < 3 * clip.count; plane++) {
    const from = plane - (plane % 3) + 2 - (plane % 3);
    data.set(clip.data.subarray(from * size, (from + 1) * size), plane * size);
  }
  return { ...clip, data };
}

describe('measuring a clip with the shipped models', () => {
  const prompt = 'a red boat sails to the right on the sea at sunset';

  test('sees what the prompt says, and scores only what it can', async () => {
    const measure = await measured(boat, prompt);
    expect(measure).toMatchObject({ format: 1, frames: 16, width: 256, height: 144, fps: 8 });
    expect(measure.said).toMatchObject({ object: ['boat'], colour: ['red'], motion: ['right'], place: ['sea'] });
    expect(measure.seen).toHaveLength(16);
    expect(scoreOf(measure, 'object_class', { object: 'boat' })).toBe(1);
    expect(scoreOf(measure, 'object_class', { object: 'car' })).toBe(0);
    expect(scoreOf(measure, 'human_action', { action: 'right' })).toBe(1);
    expect(scoreOf(measure, 'human_action', { action: 'left' })).toBe(0);
    const consistency = measure.scores.find(({ dimension }) => dimension === 'overall_consistency')!;
    expect(consistency.score!.score).toBeGreaterThan(0.8);
    expect(consistency.model).toContain('pocket-probe');
    expect(measure.missing.map(({ dimension }) => dimension)).toEqual(['aesthetic_quality']);
  });

  test('without a detector the probe says what there is, and nobody where', async () => {
    const measure = await measured(boat, prompt, false);
    expect(scoreOf(measure, 'object_class', { object: 'boat' })).toBe(1);
    const both: SuitePrompt = {
      prompt_en: 'x',
      dimension: ['multiple_objects'],
      auxiliary_info: { object: 'boat and car' },
    };
    expect(scorePrompt(measure, both)).toEqual([
      {
        dimension: 'multiple_objects',
        reason: 'pocket-probe 0.1.0 does not state how often its objects head is right',
      },
    ]);
    expect(measure.scores[0]!.model).toBe('edge histograms 1');
  });

  test('frames in a wrong order lower consistency and smoothness', async () => {
    const shuffled = [9, 2, 14, 5, 0, 11, 7, 15, 3, 12, 6, 1, 13, 8, 4, 10];
    const [right, wrong] = [await measured(boat, prompt), await measured(reordered(boat, shuffled), prompt)];
    const score = ({ scores }: ClipReport, name: Dimension): number =>
      scores.find(({ dimension }) => dimension === name)!.score!.score;
    for (const name of ['subject_consistency', 'background_consistency', 'motion_smoothness'] as const) {
      expect(score(wrong, name)).toBeLessThan(score(right, name));
    }
  });

  test('another prompt has less overall consistency', async () => {
    const consistency = ({ scores }: ClipReport): number =>
      scores.find(({ dimension }) => dimension === 'overall_consistency')!.score!.score;
    const [right, wrong] = [await measured(boat, prompt), await measured(boat, 'a green tree on the snow by day')];
    expect(consistency(wrong)).toBeLessThan(consistency(right) - 0.5);
  });

  test('red and blue exchanged lower color', async () => {
    const wanted = { color: 'red', object: 'boat' };
    expect(scoreOf(await measured(boat, prompt), 'color', wanted)).toBe(1);
    expect(scoreOf(await measured(recoloured(boat), prompt), 'color', wanted)).toBe(0);
  });

  test('left and right exchanged lower spatial relationship, and turn the motion', async () => {
    const left = {
      sides: true,
      spatial_relationship: {
        spatial_relationship: { object_a: 'boat', object_b: 'picture', relationship: 'on the left of' },
      },
    };
    const clip = still(boat, 3);
    expect(scoreOf(await measured(clip, prompt), 'spatial_relationship', left)).toBe(1);
    expect(scoreOf(await measured(mirrored(clip), prompt), 'spatial_relationship', left)).toBe(0);
    expect(scoreOf(await measured(mirrored(boat), prompt), 'human_action', { action: 'left' })).toBe(1);
  });

  test('a head that does not state its accuracy, or is right too seldom, scores nothing', async () => {
    const measure = await measured(boat, prompt);
    const ask: SuitePrompt = { prompt_en: 'x', dimension: ['object_class'], auxiliary_info: { object: 'boat' } };
    const withAccuracy = (accuracy: Record<string, number>): ClipReport => ({
      ...measure,
      eyes: { frames: { model: 'm', accuracy }, clip: null },
    });
    expect(scorePrompt(withAccuracy({}), ask)).toEqual([
      { dimension: 'object_class', reason: 'm does not state how often its object head is right' },
    ]);
    const [seldom] = scorePrompt(withAccuracy({ object: 0.89 }), ask);
    expect(seldom !== undefined && 'reason' in seldom ? seldom.reason : '').toContain('89.0 %');
    expect(scorePrompt(withAccuracy({ object: 0.9 }), ask)).toMatchObject([{ model: 'm' }]);
  });
});
