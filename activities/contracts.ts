import type { CampaignInput } from '../eval/campaign/campaign.ts';
import type { CampaignSummary, ClipScores, ReadScoresRequest, ScoreRequest } from '../eval/campaign/contracts.ts';
import type { PublishedFilm, PublishRequest } from '../story/film/published-film.ts';
import type { Pool, StageOf, stages } from '../story/plan/stages.ts';
import type { StageTask } from '../story/plan/task.ts';
import type { StageRequest, StageResult } from '../story/plan/task-run.ts';

/**
 * The contracts between workflows and activities: types only. One object in, one object out, JSON-plain, references
 * instead of frames: a payload lives in a workflow's history for ever.
 */

/** The activity of a stage: has the artifact of a task made, or finds it. */
export type StageActivity = (request: StageRequest<StageTask>) => Promise<StageResult>;

/** The activities of the stages of a pool, under the names in the table of stages. */
export type StageActivities<Of extends Pool = Pool> = Readonly<
  Record<(typeof stages)[StageOf<Of>]['activity'], StageActivity>
>;

/** The activity that follows the last stage, in the CPU pool. */
export interface PublishActivities {
  /** Gives the film its pretty name, poster, storyboard and manifest. */
  publishFilm(request: PublishRequest): Promise<PublishedFilm>;
}

/** Activities of campaigns, in the CPU pool. */
export interface CampaignActivities {
  /** Scores the clips of a prompt and files them; the formulas alone, nothing is looked at again. */
  scoreSamples(request: ScoreRequest): Promise<void>;
  /** Sums up a campaign whose prompts are all filed, and files the sum. */
  fileCampaign(request: { readonly campaignId: string; readonly input: CampaignInput }): Promise<CampaignSummary>;
  /** The scores of one measured clip in the dimensions that need no labels. */
  readScores(request: ReadScoresRequest): Promise<ClipScores>;
}
