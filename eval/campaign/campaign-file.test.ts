import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { dimensionNames } from '../formulas/dimensions.ts';
import { parseClipReport } from '../clip-report-file.ts';
import type { ClipReport } from '../clip-report.ts';
import type { PromptRecord } from './campaign.ts';
import { formerPrompt, parseCampaign, parsePrompt } from './campaign-file.ts';
import { importResults } from './vbench-files.ts';
import type { CampaignRecord } from './record.ts';

const sha = 'a'.repeat(64);
const file = (content: unknown, key = 'campaigns/campaign-test-1/campaign.json') => ({
  key,
  text: typeof content === 'string' ? content : JSON.stringify(content),
});

const prompt: PromptRecord = {
  index: 0,
  prompt: 'a boat\nat sea',
  samples: [
    {
      sample: 0,
      seed: 7,
      clipKey: sha,
      measureKey: sha,
      generateMs: 1.5,
      measureMs: 0,
      outcomes: [
        { dimension: 'imaging_quality', model: 'ours', score: { score: 0.5, weight: 16 } },
        { dimension: 'dynamic_degree', model: 'ours', score: null },
        { dimension: 'scene', reason: 'no model of the set sees it' },
      ],
    },
    {
      sample: 1,
      seed: 8,
      clipKey: sha,
      measureKey: sha,
      generateMs: 0,
      measureMs: 0,
      outcomes: [],
      failure: { code: 'NUMERIC_INVALID', message: 'line one\nline two' },
    },
  ],
};

const campaign: CampaignRecord = {
  format: 1,
  id: 'campaign-test-1',
  label: 'plain',
  suite: 'pocket',
  models: 'pocket with latte',
  settings: { quality: 'high', freeu: { b1: 1.1 } },
  clips: { stage: 'decode', fps: 8 },
  samples: 2,
  finishedMs: 1_700_000_000_000,
  dimensions: [{ dimension: 'imaging_quality', score: 0.5, normalized: 0.5, model: 'ours', videos: 1 }],
  missing: dimensionNames.slice(1, 3).map((dimension) => ({ dimension, reason: 'no model for it' })),
  final: { quality: null, semantic: null, total: null },
  mean: 0.5,
  comparable: false,
  cost: { generateMs: 1, measureMs: 2, clips: 1 },
  failed: 1,
  prompts: [prompt],
};

const measure: ClipReport = {
  format: 1,
  frames: 16,
  width: 64,
  height: 36,
  fps: 8,
  scores: [{ dimension: 'imaging_quality', model: 'ours', score: { score: 0.5, weight: 16 } }],
  missing: [],
  seen: [
    {
      objects: [{ label: 'boat', colour: 'red', certainty: 0.9, box: [0, 1, 2, 3] }],
      place: { sea: 1 },
      sky: {},
    },
  ],
  words: { object: { boat: 0.9 } },
  said: { object: ['boat'] },
  eyes: { frames: { model: 'detector 1', accuracy: { object: 0.95 } }, clip: null },
};

test('what was filed is read as it was', () => {
  expect(parseCampaign(file(campaign))).toEqual(campaign);
  expect(parsePrompt(file(prompt))).toEqual(prompt);
  expect(parseClipReport(file(measure))).toEqual(measure);
});

test('a campaign that was imported is read, though it has no clips', () => {
  const results = { imaging_quality: [0.6, [{ video_path: 'x/a boat-0.mp4', video_results: 0.6 }]] };
  const imported = importResults(results, { label: 'theirs', models: 'lavie', nowMs: 1 });
  expect(parseCampaign(file(imported))).toEqual(imported);
});

test('a prompt that cannot be read is as one that was never filed', () => {
  expect(formerPrompt(null)).toBeNull();
  expect(formerPrompt(file('{'))).toBeNull();
  expect(formerPrompt(file({ ...prompt, samples: 'many' }))).toBeNull();
  expect(formerPrompt(file(prompt))).toEqual(prompt);
});

describe('a broken or hostile file ends in a sentence', () => {
  test.each<[content: unknown, problem: RegExp]>([
    ['', /campaign.json is not a campaign that this release reads: it is not JSON; run or import the campaign again/],
    ['null', /is not a campaign/],
    [{ ...campaign, format: 2 }, /format: this release reads format 1/],
    [{ ...campaign, id: '../../secrets' }, /id: must be lower-case letters/],
    [{ ...campaign, label: '\u001b[2Jgone' }, /label: holds control characters/],
    [{ ...campaign, label: 'x'.repeat(3_000) }, /label: /],
    [{ ...campaign, mean: 'high' }, /mean: /],
    [{ ...campaign, dimensions: [{ ...campaign.dimensions[0], dimension: '__proto__' }] }, /dimensions.0.dimension: /],
    [{ ...campaign, clips: { stage: 'film', fps: 8 } }, /clips.stage: /],
    [{ ...campaign, clips: { stage: 'decode', fps: 0 } }, /clips.fps: /],
    [
      { ...campaign, prompts: [{ ...prompt, samples: [{ ...prompt.samples[0], clipKey: '../up' }] }] },
      /prompts.0.samples.0.clipKey: must be a sha256/,
    ],
  ])('%#', (content, problem) => {
    expect(() => parseCampaign(file(content))).toThrow(problem);
    expect(() => parseCampaign(file(content))).toThrow(PipelineError);
  });

  test('whatever it holds', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc.dictionary(fc.constantFrom(...Object.keys(campaign)), fc.jsonValue()),
    );
    fc.assert(
      fc.property(anything, (content) => {
        for (const parse of [parseCampaign, parsePrompt, parseClipReport]) {
          expect(() => parse(file(content))).toThrow(PipelineError);
        }
      }),
      { numRuns: 200 },
    );
  });
});
