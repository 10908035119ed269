import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CampaignStatus } from './campaign-contracts.ts';
import type { EditShotRequest, RerollRequest } from '../story/script/script-edits.ts';
import type { StoryScript } from '../story/script/script.ts';
import type {
  ChangeReceipt,
  PlanOutline,
  StageChange,
  StoryInput,
  StoryRecipe,
  StoryRecord,
  StoryResult,
  StoryStatus,
  SubmitReceipt,
} from './contracts.ts';

/** Type of the failure that refuses to {@link submit} to a story that is ending without its film: ask again when it has ended. */
export const storyEnding = 'STORY_ENDING';

/** Update: starts the story, or finds it; for update-with-start. Refused when the workflow renders another script or is ending. */
export const submit = defineUpdate<SubmitReceipt, [StoryInput]>('submit');

/** Update: makes a shot again with another seed, and the joins that touch it. Until the film is published. */
export const reroll = defineUpdate<ChangeReceipt, [RerollRequest]>('reroll');

/** Update: gives a shot other words, and makes it and its joins again. Until the film is published. */
export const editShot = defineUpdate<ChangeReceipt, [EditShotRequest]>('editShot');

/** Update: stops all running work at a checkpoint. Answers when every pool is free of this story. */
export const pause = defineUpdate<StoryStatus>('pause');

/** Update: goes on where `pause` stopped. */
export const resume = defineUpdate<StoryStatus>('resume');

/** Query: how far the story is. */
export const status = defineQuery<StoryStatus>('status');

/** Query: the plan as it stands in short, edits included. The whole follows from {@link recipe} by `planStory`. On the wire it is `plan`. */
export const outline = defineQuery<PlanOutline>('plan');

/** Query: script and models, edits included: all that the plan and every artifact follow from. */
export const recipe = defineQuery<StoryRecipe>('recipe');

/** Query: every task run so far and what it cost. On the wire it is `manifest`. */
export const record = defineQuery<StoryRecord>('manifest');

/**
 * Query: the film and what lies beside it; `null` before it is published. Its URLs expire: clients sign `filmKey` afresh. On the wire
 * it is `filmUrl`.
 */
export const film = defineQuery<StoryResult | null>('filmUrl');

/** Query: the script as it stands, edits included. */
export const script = defineQuery<StoryScript>('script');

/** Signal from a child to its story: stages changed their state. */
export const stagesChanged = defineSignal<[readonly StageChange[]]>('stagesChanged');

/** Query: how far a campaign is. */
export const campaignStatus = defineQuery<CampaignStatus>('campaignStatus');
