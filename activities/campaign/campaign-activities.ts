import { readFile } from 'node:fs/promises';
import type { PromptRecord } from '../../eval/campaign/campaign.ts';
import { formerPrompt, parsePrompt } from '../../eval/campaign/campaign-file.ts';
import { withKnownCost } from '../../eval/campaign/known-cost.ts';
import { buildCampaignRecord } from '../../eval/campaign/record.ts';
import type { ClipReport } from '../../eval/clip-report.ts';
import { parseClipReport } from '../../eval/clip-report-file.ts';
import { scorePrompt } from '../../eval/score-prompt.ts';
import type { CampaignStore } from '../../storage/campaign-store.ts';
import type { CampaignActivities } from '../contracts.ts';
import { type EditJob, type EditOptions, withEditJob } from '../stage/edit-stage.ts';

/** What the activities of campaigns work with. */
export interface CampaignOptions extends EditOptions {
  readonly campaigns: CampaignStore;
}

/** The activities of campaigns. They keep nothing between calls, and write the same when called again. */
export function createCampaignActivities(options: CampaignOptions): CampaignActivities {
  const { campaigns } = options;
  return {
    scoreSamples: ({ campaignId, index, prompt, samples }) =>
      withEditJob(options, async (job) => {
        const records: PromptRecord['samples'][number][] = [];
        const former = formerPrompt(await campaigns.loadPrompt(campaignId, index));
        for (const found of samples) {
          const sample = withKnownCost(found, former);
          const measure = sample.failure === undefined ? await readMeasure(job, sample.measureKey) : null;
          records.push({ ...sample, outcomes: measure === null ? [] : scorePrompt(measure, prompt) });
          job.progress(records.length, samples.length);
        }
        const record: PromptRecord = { index, prompt: prompt.prompt_en, samples: records };
        await campaigns.savePrompt(campaignId, index, record);
      }),
    fileCampaign: ({ campaignId, input }) =>
      withEditJob(options, async (job) => {
        const prompts = (await campaigns.loadPrompts(campaignId, input.prompts.length)).map(parsePrompt);
        job.progress(1, 2);
        const record = buildCampaignRecord(campaignId, input, prompts, Date.now());
        await campaigns.saveCampaign(campaignId, record);
        const { id, label, dimensions, missing, mean, cost, failed } = record;
        return { id, label, dimensions, missing, mean, cost, failed };
      }),
    readScores: ({ task }) =>
      withEditJob(options, async (job) => {
        const { scores } = await readMeasure(job, task.key);
        return Object.fromEntries(
          scores.flatMap(({ dimension, score }) => (score === null ? [] : [[dimension, score.score]])),
        );
      }),
  };
}

async function readMeasure(job: EditJob, key: string): Promise<ClipReport> {
  const [file = ''] = await job.fetch('measure', [key]);
  return parseClipReport({ key: file, text: await readFile(file, 'utf8') });
}
