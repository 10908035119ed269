import type { ActivityOptions } from '@temporalio/workflow';
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { CampaignActivities, PublishActivities, StageActivities } from '../activities/contracts.ts';
import type { CampaignSummary, ClipScores, ScoreRequest } from '../eval/campaign/contracts.ts';
import { type Pool, stages } from '../story/plan/stages.ts';
import { taskQueueOf } from '../story/plan/task-queue.ts';
import type { PublishedFilm, PublishRequest } from '../story/film/published-film.ts';
import type { StageResult } from '../story/plan/task-run.ts';
import type { PlannedTask } from '../story/plan/plan.ts';
import type { MeasureTask } from '../story/plan/task.ts';
import { oneLine, publishCaption, taskCaption } from './captions.ts';
import { backgroundPriority, publishRule, scoreRule, stagePolicy, stageRules, storyPriority } from './stages.ts';
import type { StageRule } from './stages.ts';

/** Whose work is sent to the pools. */
export interface Customer {
  readonly storyId: string;
  readonly tenant: string | null;
  /** Goes after everything that somebody waits for. */
  readonly isBackground?: boolean;
}

/** Runs a stage in its pool and waits for it. */
export async function runStage(customer: Customer, planned: PlannedTask): Promise<StageResult> {
  const { item, task } = planned;
  const { pool, activity } = stages[task.stage];
  const rule: StageRule = stageRules[task.stage];
  const options = activityOptions(pool, rule, taskCaption(planned), customer);
  return proxyActivities<StageActivities>(options)[activity]({ task, context: { storyId: customer.storyId, item } });
}

/** Scores the clips of a prompt and waits for it. */
export async function runScoring(customer: Customer, request: ScoreRequest): Promise<void> {
  const summary = oneLine(`score · ${request.prompt.prompt_en}`);
  return campaignActivities(customer, summary).scoreSamples(request);
}

/** Sums a campaign up and waits for it. */
export async function runFiling(
  customer: Customer,
  request: Parameters<CampaignActivities['fileCampaign']>[0],
): Promise<CampaignSummary> {
  return campaignActivities(customer, oneLine(`sum up · ${request.input.label}`)).fileCampaign(request);
}

/** The scores of a measured clip. */
export async function runReadScores(
  customer: Customer,
  { item, task }: PlannedTask & { readonly task: MeasureTask },
): Promise<ClipScores> {
  const context = { storyId: customer.storyId, item };
  return campaignActivities(customer, oneLine(`${item} · scores`)).readScores({ task, context });
}

function campaignActivities(customer: Customer, summary: string): CampaignActivities {
  return proxyActivities<CampaignActivities>(activityOptions('edit', scoreRule, summary, customer));
}

/** Publishes the film and waits for it. */
export async function runPublish(customer: Customer, request: PublishRequest): Promise<PublishedFilm> {
  const options = activityOptions('edit', publishRule, publishCaption(request.runs.length), customer);
  return proxyActivities<PublishActivities>(options).publishFilm(request);
}

function activityOptions(
  pool: Pool,
  rule: StageRule,
  summary: string,
  { tenant, isBackground }: Customer,
): ActivityOptions {
  const priorityKey = isBackground === true ? backgroundPriority : storyPriority;
  return {
    ...stagePolicy,
    startToCloseTimeout: rule.startToCloseTimeout,
    taskQueue: queueOf(pool),
    priority: { priorityKey, ...(tenant === null ? {} : { fairnessKey: tenant }) },
    summary,
  };
}

/**
 * `farm-edit` runs the workflows, so the pools of this story begin with `farm`. A worker that replays a history has a made-up
 * queue; the names that follow from it are made up as well, and nobody listens.
 */
function queueOf(pool: Pool): string {
  return taskQueueOf(workflowInfo().taskQueue.replace(/-edit$/, ''), pool);
}
