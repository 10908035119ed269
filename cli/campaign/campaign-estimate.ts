import type { CampaignInput } from '../../eval/campaign/campaign.ts';
import { planSamples } from '../../eval/campaign/plan-campaign.ts';
import { clipsOfSuite } from '../../eval/campaign/prompt-questions.ts';
import { pocketCosts, secondsOf } from '../../story/plan/estimate.ts';
import type { StageTask } from '../../story/plan/task.ts';

/** What a campaign will cost. */
export interface CampaignEstimate {
  readonly clips: number;
  readonly tasks: number;
  /** Tasks whose artifact is there; `null` when no storage was asked. */
  readonly made: number | null;
  /** Seconds of work for the others on two CPU cores, one task at a time. */
  readonly seconds: number;
}

/** Every different task of a campaign. */
export function campaignTasks(input: CampaignInput): readonly StageTask[] {
  const tasks = new Map<string, StageTask>();
  for (const prompt of input.prompts) {
    for (const { clip, measure } of planSamples(prompt, input)) {
      for (const task of [...clip, measure]) tasks.set(task.key, task);
    }
  }
  return [...tasks.values()];
}

/** Estimates a campaign from the costs of the pocket models. */
export function estimateCampaign(
  input: CampaignInput,
  tasks: readonly StageTask[],
  made: ReadonlySet<string> | null,
): CampaignEstimate {
  const open = tasks.filter(({ key }) => made?.has(key) !== true);
  return {
    clips: clipsOfSuite(input.prompts, input.samples),
    tasks: tasks.length,
    made: made === null ? null : tasks.length - open.length,
    seconds: open.reduce((sum, task) => sum + secondsOf(task, pocketCosts[task.stage]), 0),
  };
}
