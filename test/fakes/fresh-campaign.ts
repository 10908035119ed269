import { randomUUID } from 'node:crypto';
import type { WorkflowHandleWithFirstExecutionRunId } from '@temporalio/client';
import type { CampaignInput } from '../../eval/campaign/campaign.ts';
import { exampleModels } from './example-models.ts';
import { exampleStory } from './example-story.ts';
import type { GateSettings } from '../../story/script/gate.ts';
import type { campaignWorkflow } from '../../workflows/campaign.ts';
import type { StoryInput } from '../../workflows/contracts.ts';
import { campaignStart } from '../../workflows/start.ts';
import { type Farm, freshStory } from './farm.ts';

/** A campaign that no other test makes: its artifact keys are its own. */
export function freshCampaign(numPrompts: number, samples: number): CampaignInput {
  const take = randomUUID().slice(0, 8);
  return {
    label: `test ${take}`,
    suite: 'test',
    prompts: Array.from({ length: numPrompts }, (_, index) => ({
      prompt_en: `prompt ${index} ${take}`,
      dimension: ['imaging_quality' as const],
    })),
    models: exampleModels,
    template: exampleStory([{ kind: 'cut' }]).shots[0]!,
    fps: 24,
    samples,
  };
}

/** Starts a campaign as clients do. */
export const startCampaign = (
  farm: Farm,
  input: CampaignInput,
): Promise<WorkflowHandleWithFirstExecutionRunId<typeof campaignWorkflow>> =>
  farm.client.workflow.start<typeof campaignWorkflow>('campaignWorkflow', campaignStart(input, farm.queues));

const gate: GateSettings = { least: { subject_consistency: 0.9 }, retries: 2 };

/** A story that no other test renders, whose first shot has a gate with two retries. */
export function gatedStory(numShots: number): StoryInput {
  const { script, models } = freshStory(numShots);
  const shots = script.shots.map((shot, index) => (index === 0 ? { ...shot, gate } : shot));
  return { script: { ...script, shots }, models };
}
