import type { ActivityOptions } from '@temporalio/workflow';
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type {
  EditActivities,
  Pool,
  PublishedFilm,
  PublishRequest,
  StageRequest,
  StageResult,
} from '../activities/contracts.ts';
import type { PlannedTask } from '../story/plan-story.ts';
import type { StageTask } from '../story/task.ts';
import { publishCaption, taskCaption } from './captions.ts';
import { publishRule, remakePriority, stagePolicy, stageRules } from './stages.ts';
import type { StageRule } from './stages.ts';

/** Whose work is sent to the pools. */
export interface Customer {
  readonly storyId: string;
  readonly tenant: string | null;
}

/** Runs a stage in its pool and waits for it. */
export async function runStage(customer: Customer, planned: PlannedTask, remake: boolean): Promise<StageResult> {
  const { item, task } = planned;
  const rule = stageRules[task.stage];
  const priorityKey = remake ? remakePriority : rule.priorityKey;
  const options = activityOptions({ ...rule, priorityKey }, taskCaption(planned), customer);
  // `stageRules` names, for each stage, an activity that takes its request: its type checks that, this call need not.
  const activities =
    proxyActivities<Record<string, (request: StageRequest<StageTask>) => Promise<StageResult>>>(options);
  const run = activities[rule.activity];
  if (run === undefined) throw new Error(`No activity is named ${rule.activity}`);
  return run({ task, context: { storyId: customer.storyId, item } });
}

/** Publishes the film and waits for it. */
export async function runPublish(customer: Customer, request: PublishRequest): Promise<PublishedFilm> {
  const options = activityOptions(publishRule, publishCaption(request.runs.length), customer);
  return proxyActivities<Pick<EditActivities, 'publishFilm'>>(options).publishFilm(request);
}

function activityOptions(rule: StageRule, summary: string, { tenant }: Customer): ActivityOptions {
  return {
    ...stagePolicy,
    startToCloseTimeout: rule.startToCloseTimeout,
    taskQueue: queueOf(rule.pool),
    priority: { priorityKey: rule.priorityKey, ...(tenant === null ? {} : { fairnessKey: tenant }) },
    summary,
  };
}

/**
 * `farm-edit` runs the workflows, so the pools of this story are `farm-base`, `farm-interp`, `farm-sr`. A worker that replays a
 * history has a made-up queue; the names that follow from it are made up as well, and nobody listens.
 */
function queueOf(pool: Pool): string {
  return workflowInfo().taskQueue.replace(/(-edit)?$/, `-${pool}`);
}
