import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { unusableFile } from '../../errors/unusable-file.ts';
import type { PromptRecord } from '../../eval/campaign/campaign.ts';
import { formerPrompt, parsePrompt } from '../../eval/campaign/campaign-file.ts';
import { withKnownCost } from '../../eval/campaign/known-cost.ts';
import { buildCampaignRecord } from '../../eval/campaign/record.ts';
import type { ClipReport } from '../../eval/clip-report.ts';
import { parseClipReport } from '../../eval/clip-report-file.ts';
import { scorePrompt } from '../../eval/score-prompt.ts';
import type { ArtifactStore } from '../../storage/artifact-store.ts';
import type { CampaignStore } from '../../storage/campaign-store.ts';
import type { CampaignActivities } from '../contracts.ts';
import { type Attempt, withAttempt } from '../stage/attempt.ts';
import { withArtifacts } from '../stage/lent-artifacts.ts';
import { withScratch } from '../stage/scratch.ts';
import type { WorkerHealth } from '../stage/worker-health.ts';

/** What the activities of campaigns work with. */
export interface CampaignOptions {
  readonly artifacts: ArtifactStore;
  readonly campaigns: CampaignStore;
  /** Folder under which each measure that is read gets one of its own. */
  readonly scratchRoot: string;
  readonly log: Logger;
  /** The worker; absent, it is the only one, and sound. */
  readonly health?: WorkerHealth;
}

/** The activities of campaigns. They keep nothing between calls, and write the same when called again. */
export function createCampaignActivities(options: CampaignOptions): CampaignActivities {
  const { campaigns, log, health } = options;
  return {
    scoreSamples: ({ campaignId, index, prompt, samples }) =>
      withAttempt({ doing: `scoring prompt ${index}`, log, health }, async (attempt) => {
        const records: PromptRecord['samples'][number][] = [];
        const former = formerPrompt(await campaigns.loadPrompt(campaignId, index));
        for (const found of samples) {
          const sample = withKnownCost(found, former);
          const measure = sample.failure === undefined ? await readMeasure(options, attempt, sample.measureKey) : null;
          records.push({ ...sample, outcomes: measure === null ? [] : scorePrompt(measure, prompt) });
          attempt.beat.report({ unit: 'frame', done: records.length, of: samples.length });
        }
        const record: PromptRecord = { index, prompt: prompt.prompt_en, samples: records };
        await campaigns.savePrompt(campaignId, index, record);
      }),
    fileCampaign: ({ campaignId, input }) =>
      withAttempt({ doing: `summing up ${campaignId}`, log, health }, async () => {
        const prompts = (await campaigns.loadPrompts(campaignId, input.prompts.length)).map(parsePrompt);
        const record = buildCampaignRecord(campaignId, input, prompts, Date.now());
        await campaigns.saveCampaign(campaignId, record);
        const { id, label, dimensions, missing, mean, cost, failed } = record;
        return { id, label, dimensions, missing, mean, cost, failed };
      }),
    readScores: ({ task }) =>
      withAttempt({ doing: `reading scores ${task.key.slice(0, 12)}`, log, health }, async (attempt) => {
        const { scores } = await readMeasure(options, attempt, task.key);
        return Object.fromEntries(
          scores.flatMap(({ dimension, score }) => (score === null ? [] : [[dimension, score.score]])),
        );
      }),
  };
}

async function readMeasure(
  { artifacts, scratchRoot }: CampaignOptions,
  { signal }: Attempt,
  key: string,
): Promise<ClipReport> {
  return withScratch(scratchRoot, (dir) =>
    withArtifacts({ artifacts, dir, signal }, [{ stage: 'measure', key }], async ([measure]) =>
      readReport(measure?.file ?? ''),
    ),
  );
}

async function readReport(file: string): Promise<ClipReport> {
  const text = await readFile(file, 'utf8');
  try {
    return parseClipReport({ key: file, text });
  } catch (cause) {
    throw unusableFile(file, cause);
  }
}
