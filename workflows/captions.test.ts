import { describe, expect, test } from '@jest/globals';
import { planStory } from '../story/plan/plan-story.ts';
import type { StageTask } from '../story/plan/task.ts';
import { parseScript } from '../story/script/parse-script.ts';
import { exampleModels } from '../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../test/fakes/example-story.ts';
import { campaignDetails, campaignSummary, promptSummary } from './campaign-captions.ts';
import type { CampaignStatus } from './campaign-contracts.ts';
import {
  gateSummary,
  itemDetails,
  itemSummary,
  oneLine,
  plain,
  publishCaption,
  storyDetails,
  storySummary,
  takesDetails,
  taskCaption,
} from './captions.ts';
import { judgeTake } from '../story/script/gate.ts';

const bytes = (text: string): number => new TextEncoder().encode(text).length;
const plan = planStory(exampleStory([exampleJoin, exampleJoin, { kind: 'dissolve' }]), exampleModels);
const [shot] = plan.shots;
const [seine, dissolve] = plan.joins;
const planOf = (shots: string) => planStory(parseScript(`shots:\n${shots}`, { fileName: 'a.yaml' }), exampleModels);

describe('captions of a story', () => {
  test('say what it is and what it shows', () => {
    expect(storySummary(plan)).toBe('Example · 3 shots · 3840x2160, 24 fps, 230 frames, 9.6 s');
    expect(storyDetails(plan)).toBe(
      `**Example**: 3840x2160, 24 fps, 230 frames, 9.6 s\n\n` +
        `| shot | prompt | seed |\n| --- | --- | --- |\n` +
        `| shot-0 | \`a red ball on the left number 0\` | 0 |\n` +
        `| shot-1 | \`a red ball on the left number 1\` | 1 |\n` +
        `| shot-2 | \`a red ball on the left number 2\` | 2 |`,
    );
  });

  test('show 100 shots and 80 characters of each prompt', () => {
    const prompt = 'a'.repeat(200);
    const long = exampleStory(Array.from({ length: 120 }, () => ({ kind: 'cut' })));
    const details = storyDetails(
      planStory({ ...long, shots: long.shots.map((each) => ({ ...each, prompt })) }, exampleModels),
    );
    expect(details.split('\n')).toHaveLength(2 + 2 + 100);
    expect(details).toContain(`\`${'a'.repeat(80)}\``);
    expect(bytes(details)).toBeLessThanOrEqual(20_000);
  });
});

describe('captions of a shot or join', () => {
  test('say what it shows and how it is made', () => {
    expect(itemSummary(shot!)).toBe('shot shot-0: a red ball on the left number 0');
    expect(itemDetails(shot!, 'story-7')).toBe(
      '**shot shot-0** of `story-7`\n\n`a red ball on the left number 0`\n\nddim, 25 steps, guidance 3, seed 0\n\n3 segments, 61 frames in the film',
    );
    expect(itemSummary(seine!)).toBe('join shot-0+shot-1: smooth transition');
    expect(itemDetails(seine!, 'story-7')).toMatch(
      /\n\n`smooth transition`\n\nddim, 25 steps, .*\n\n\d segments, \d+ frames/,
    );
    expect(itemSummary(dissolve!)).toBe('join shot-1+shot-2: dissolve');
    expect(itemDetails(dissolve!, 's')).toMatch(
      /^\*\*join shot-1\+shot-2\*\* of `s`\n\n1 segments, \d+ frames in the film$/,
    );
  });

  test('say of what it was given, and of how many passes and prompts it is made', () => {
    const [, continued] = planOf('  - { id: a, prompt: a boat }\n  - { id: b, prompt: a car, continue: true }').shots;
    expect(itemSummary(continued!)).toBe('shot b: a car (continues a)');
    expect(itemDetails(continued!, 's')).toContain('\n\nfrom `continues a`\n\n');
    const [again] = planOf('  - { id: a, prompt: a boat, freeinit: true }').shots;
    expect(itemDetails(again!, 's')).toContain('\n\n3 iterations of FreeInit\n\n');
    const [long] = planOf('  - { id: a, prompt: a boat, seconds: 10.5 }').shots;
    expect(itemDetails(long!, 's')).toMatch(/seed \d+, FreeNoise over 64 frames\n/);
  });
});

describe('captions of an activity', () => {
  test.each<[string, Partial<Record<string, unknown>>, string]>([
    ['base', { steps: 25 }, '25 steps'],
    ['base', { steps: 25, freeinit: { iteration: 2 } }, '25 steps, FreeInit iteration 3'],
    ['completion', { steps: 25, known: [0, 5], frames: 16 }, '25 steps, 2 of 16 frames known'],
    ['transition', { steps: 25, known: 1, frames: 16 }, '25 steps'],
    ['segment', { from: 21, count: 20 }, 'frames 21–40'],
    ['picture', { picture: {}, width: 256, height: 144 }, '256x144'],
    ['film', { frames: 61 }, '61 frames'],
  ])('of %s with %j say its work', (stage, params, words) => {
    const task = { stage, params } as unknown as StageTask;
    expect(taskCaption({ item: 'shot dawn', task })).toBe(`dawn · ${stage} · ${words}`);
    expect(taskCaption({ item: 'join shot a+b', task })).toBe(`shot a+b · ${stage} · ${words}`);
  });

  test('of publishing count the artifacts', () => {
    expect(publishCaption(12)).toBe('film · publish · 12 artifacts');
  });
});

describe('captions of a gate', () => {
  const gate = { least: { dynamic_degree: 1, imaging_quality: 0.5 }, retries: 1 };

  test('say what it asks for, and of each take what it came to', () => {
    expect(gateSummary({ shot: 'dawn', gate })).toBe(
      'gate of dawn: dynamic_degree ≥ 1, imaging_quality ≥ 0.5, 1 retry',
    );
    const takes = [judgeTake(7, { imaging_quality: 0.25 }, gate), judgeTake(8, { imaging_quality: 0.75 }, gate)];
    const table =
      '| seed | dynamic_degree | imaging_quality |  |\n| --- | --- | --- | --- |\n' +
      '| 7 | not measured | 0.2500 | under the gate |\n| 8 | not measured | 0.7500 | passed |';
    const title = '**gate of dawn**: dynamic_degree ≥ 1, imaging_quality ≥ 0.5, 1 retry';
    expect(takesDetails('dawn', gate, takes, null)).toBe(`${title}\n\n${table}`);
    expect(takesDetails('dawn', gate, takes, 'seed 8')).toBe(`${title}\n\nseed 8\n\n${table}`);
  });
});

describe('captions of a campaign', () => {
  const status: CampaignStatus = {
    campaignId: 'c',
    label: 'first',
    state: 'running',
    prompts: 4,
    promptsDone: 1,
    clips: 8,
    summary: null,
    failure: null,
    measured: 3,
    failed: 1,
    cached: 2,
    generateMs: 0,
    measureMs: 0,
  };
  const counts = '1 of 4 prompts, 3 of 8 clips measured, 2 found, 1 failed';

  test('say how far it is and what it found', () => {
    expect(campaignSummary('first', 8)).toBe('campaign first · 8 clips');
    expect(promptSummary({ index: 3, prompt: { prompt_en: 'a red\nboat' } } as never)).toBe('3: a red boat');
    expect(campaignDetails(status)).toBe(`**running** first: ${counts}`);
    const dimensions = [{ dimension: 'scene', score: 0.5, videos: 3, model: 'own|1' }];
    expect(campaignDetails({ ...status, generateMs: 2_000, measureMs: 50, summary: { dimensions } as never })).toBe(
      `**running** first: ${counts}; measuring cost 2.5 % of making\n\n` +
        '| dimension | score | clips | model |\n| --- | --- | --- | --- |\n| scene | 0.5000 | 3 | `own 1` |',
    );
  });
});

describe('the text of others', () => {
  const prompt = '🌊'.repeat(200) + '`|[x](javascript:1)<img>\n# head';
  const story = exampleStory([exampleJoin, exampleJoin]);
  const hostile = planStory(
    { ...story, title: prompt.slice(0, 120), shots: story.shots.map((each) => ({ ...each, prompt })) },
    exampleModels,
  );

  test('stays within the limits of the server', () => {
    for (const item of [...hostile.shots, ...hostile.joins]) expect(bytes(itemSummary(item))).toBeLessThanOrEqual(200);
    expect(bytes(storySummary(hostile))).toBeLessThanOrEqual(200);
    expect(bytes(storyDetails(hostile))).toBeLessThanOrEqual(20_000);
  });

  test('is one line of at most 200 bytes: no character is cut in two, and what fits is left whole', () => {
    expect(oneLine('  a \n\t b ')).toBe('a b');
    expect(oneLine('a'.repeat(197))).toBe('a'.repeat(197));
    expect(oneLine('a'.repeat(198))).toBe(`${'a'.repeat(197)}…`);
    expect(oneLine('🌊'.repeat(60))).toBe(`${'🌊'.repeat(49)}…`);
  });

  test('is shown as text', () => {
    const details = itemDetails(hostile.shots[0]!, 'story');
    expect(details).not.toMatch(/[<>[\]|]/);
    expect(details.split('\n').filter((line) => line.startsWith('#'))).toEqual([]);
    expect(plain(' a`|<>[]*_\\\u0007b ')).toBe(`a${' '.repeat(10)}b`);
    expect(plain('gpj\u202egnp\u200b')).toBe('gpj\\u202egnp\\u200b');
    expect(oneLine('a\u2028b\u009b\u202ec')).toBe('a b\\u009b\\u202ec');
  });
});
