import type { MeasureTask } from '../../story/plan/task.ts';
import type { TaskContext } from '../../story/plan/task-run.ts';
import type { Dimension } from '../formulas/dimensions.ts';
import type { SuitePrompt } from '../suite.ts';
import type { SampleRecord } from './campaign.ts';
import type { CampaignRecord } from './record.ts';

/** Input of `scoreSamples`: the clips of one prompt of a campaign, measured or failed. */
export interface ScoreRequest {
  readonly campaignId: string;
  readonly index: number;
  readonly prompt: SuitePrompt;
  readonly samples: readonly Omit<SampleRecord, 'outcomes'>[];
  readonly context: TaskContext;
}

/** What a campaign came to, without its clips. */
export type CampaignSummary = Pick<
  CampaignRecord,
  'id' | 'label' | 'dimensions' | 'missing' | 'mean' | 'cost' | 'failed'
>;

/** Input of `readScores`. */
export interface ReadScoresRequest {
  readonly task: MeasureTask;
  readonly context: TaskContext;
}

/** Scores of one clip by dimension; what was not measured is absent. */
export type ClipScores = Readonly<Partial<Record<Dimension, number>>>;
