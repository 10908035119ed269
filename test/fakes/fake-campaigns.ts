import type { PromptRecord } from '../../eval/campaign/campaign.ts';
import { buildCampaignRecord } from '../../eval/campaign/record.ts';
import type { CampaignActivities } from '../../activities/contracts.ts';
import type { CampaignSummary, ClipScores, ScoreRequest } from '../../eval/campaign/contracts.ts';

/**
 * The activities of campaigns without a bucket: scores are what a test says of a seed, and what is filed is kept here. They keep the
 * contract: a campaign is summed up from what was filed and nothing else.
 */
export class FakeCampaigns implements CampaignActivities {
  readonly filed: ScoreRequest[] = [];
  /** Scores by prompt and then by order of asking; the last ones go on. */
  readonly scores = new Map<string, ClipScores[]>();

  scoreSamples = (request: ScoreRequest): Promise<void> => {
    this.filed.push(request);
    return Promise.resolve();
  };

  fileCampaign = ({
    campaignId,
    input,
  }: Parameters<CampaignActivities['fileCampaign']>[0]): Promise<CampaignSummary> => {
    const prompts = this.filed
      .filter((request) => request.campaignId === campaignId)
      .map(({ index, prompt, samples }): PromptRecord => ({
        index,
        prompt: prompt.prompt_en,
        samples: samples.map((sample) => ({
          ...sample,
          outcomes:
            sample.failure === undefined
              ? [{ dimension: 'imaging_quality', model: 'fake', score: { score: 0.5, weight: 1 } }]
              : [],
        })),
      }));
    return Promise.resolve(buildCampaignRecord(campaignId, input, prompts, 0));
  };

  readScores = ({ task }: Parameters<CampaignActivities['readScores']>[0]): Promise<ClipScores> => {
    const waiting = this.scores.get(task.params.prompt) ?? [];
    const next = waiting.length > 1 ? waiting.shift() : waiting[0];
    return Promise.resolve(next ?? {});
  };
}
