import type { CampaignInput } from '../eval/campaign/campaign.ts';
import { campaignIdOf } from '../eval/campaign/plan-campaign.ts';
import { clipsOfSuite } from '../eval/campaign/prompt-questions.ts';
import { planStory } from '../story/plan/plan-story.ts';
import { storyIdOf } from '../story/plan/story-id.ts';
import { taskQueueOf } from '../story/plan/task-queue.ts';
import { campaignSummary } from './campaign-captions.ts';
import { storyDetails, storySummary } from './captions.ts';
import type { StoryInput } from './contracts.ts';

/** What a client hands to Temporal to start a story; spread it into the start options of `storyWorkflow`. */
export interface StoryStart {
  readonly workflowId: string;
  readonly taskQueue: string;
  readonly args: [StoryInput];
  readonly staticSummary: string;
  readonly staticDetails: string;
  readonly priority?: { readonly fairnessKey: string };
}

/**
 * Start options of a story. The id follows from the script, so submitting a script twice finds the first run.
 *
 * @param queues Prefix of the task queues, `shotline` for `shotline-edit`.
 * @throws PipelineError `MODEL_INVALID` when the story cannot be planned.
 */
export function storyStart(input: StoryInput, queues: string): StoryStart {
  const plan = planStory(input.script, input.models);
  return {
    workflowId: storyIdOf(plan),
    taskQueue: taskQueueOf(queues, 'edit'),
    args: [input],
    staticSummary: storySummary(plan),
    staticDetails: storyDetails(plan),
    ...(input.tenant === undefined ? {} : { priority: { fairnessKey: input.tenant } }),
  };
}

/** What a client hands to Temporal to start a campaign; spread it into the start options of `campaignWorkflow`. */
export interface CampaignStart extends Omit<StoryStart, 'args' | 'staticDetails'> {
  readonly args: [CampaignInput];
}

/** Start options of a campaign. The id follows from what it makes, so starting one twice finds the first run. */
export function campaignStart(input: CampaignInput, queues: string): CampaignStart {
  return {
    workflowId: campaignIdOf(input),
    taskQueue: taskQueueOf(queues, 'edit'),
    args: [input],
    staticSummary: campaignSummary(input.label, clipsOfSuite(input.prompts, input.samples)),
    ...(input.tenant === undefined ? {} : { priority: { fairnessKey: input.tenant } }),
  };
}
