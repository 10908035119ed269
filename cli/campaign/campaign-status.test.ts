import { describe, expect, test } from '@jest/globals';
import type { CampaignStatus } from '../../workflows/campaign-contracts.ts';
import { statusLine, summaryLines } from './campaign-status.ts';

const status: CampaignStatus = {
  campaignId: 'campaign-pocket-1',
  label: 'plain',
  state: 'running',
  prompts: 76,
  promptsDone: 12,
  clips: 152,
  measured: 23,
  failed: 1,
  cached: 4,
  generateMs: 0,
  measureMs: 0,
  summary: null,
  failure: null,
};

describe('the line of a campaign', () => {
  test('says how far it is', () => {
    expect(statusLine(status)).toBe('running: 12 of 76 prompts, 23 of 152 clips, 4 found, 1 failed');
  });

  test('says how long the rest takes at the pace since one looks', () => {
    const line = statusLine(status, { atMs: 0, promptsDone: 2 }, 60_000);
    expect(line).toMatch(/^1:00 {2}running: .*; about 6 min left$/);
  });

  test('says nothing of the rest while hardly anything is done', () => {
    expect(statusLine(status, { atMs: 0, promptsDone: 10 }, 60_000)).not.toContain('left');
  });
});

test('a sum has every score with its model, what is missing with the reason, and what measuring cost', () => {
  const lines = summaryLines({
    id: 'campaign-pocket-1',
    label: 'plain',
    mean: 0.9,
    failed: 0,
    dimensions: [{ dimension: 'color', score: 0.9, normalized: 0.9, model: 'pocket-detector 0.1.0', videos: 16 }],
    missing: (['aesthetic_quality', 'scene'] as const).map((dimension) => ({
      dimension,
      reason: 'the suite has no prompt for it',
    })),
    cost: { generateMs: 1_000, measureMs: 70, clips: 16 },
  }).join('\n');
  expect(lines).toMatch(/color +0\.9000 +16 +pocket-detector 0\.1\.0/);
  expect(lines).toContain('not measured, the suite has no prompt for it: aesthetic_quality, scene');
  expect(lines).toContain('measuring cost 7.0 % of making (16 clips made here)');
});
