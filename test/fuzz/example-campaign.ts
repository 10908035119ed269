import { summaryOf } from '../../eval/campaign/record.ts';
import type { CampaignRecord } from '../../eval/campaign/record.ts';

const scored = (['subject_consistency', 'color'] as const).map((dimension) => ({
  dimension,
  score: 0.5,
  normalized: 0.5,
  model: 'ours',
  videos: 2,
}));
const sample = (number: number) => ({
  sample: number,
  seed: 1,
  clipKey: 'a'.repeat(64),
  measureKey: 'b'.repeat(64),
  generateMs: 100,
  measureMs: 5,
  outcomes: [{ dimension: 'color' as const, model: 'ours', score: { score: number / 2, weight: 1 } }],
});

/** A finished campaign of one prompt, as it is filed. */
export const exampleCampaign: CampaignRecord = {
  format: 1,
  id: 'campaign-x-1',
  label: 'plain',
  suite: 'pocket',
  models: 'pocket',
  settings: { steps: 8 },
  samples: 2,
  clips: { stage: 'decode', fps: 6 },
  finishedMs: 0,
  failed: 0,
  cost: { generateMs: 200, measureMs: 10, clips: 2 },
  missing: [{ dimension: 'aesthetic_quality', reason: 'nobody knows' }],
  prompts: [{ index: 0, prompt: 'a red boat', samples: [sample(0), sample(1)] }],
  ...summaryOf(scored),
};
