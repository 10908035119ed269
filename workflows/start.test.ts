import { expect, test } from '@jest/globals';
import type { CampaignInput } from '../eval/campaign/campaign.ts';
import { planStory } from '../story/plan/plan-story.ts';
import { storyIdOf } from '../story/plan/story-id.ts';
import { exampleModels } from '../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../test/fakes/example-story.ts';
import { storySummary, storyDetails } from './captions.ts';
import { campaignStart, storyStart } from './start.ts';

const script = exampleStory([exampleJoin]);
const plan = planStory(script, exampleModels);
const campaign: CampaignInput = {
  label: 'first',
  suite: 'test',
  models: exampleModels,
  template: script.shots[0]!,
  fps: 24,
  samples: 2,
  prompts: ['a boat', 'a car', 'a duck'].map((prompt_en) => ({ prompt_en, dimension: ['imaging_quality'] })),
};

test('a story starts under the id of its script, in the queue of the workflows, with words for the UI', () => {
  const input = { script, models: exampleModels };
  expect(storyStart(input, 'farm')).toEqual({
    workflowId: storyIdOf(plan),
    taskQueue: 'farm-edit',
    args: [input],
    staticSummary: storySummary(plan),
    staticDetails: storyDetails(plan),
  });
});

test('a tenant’s work takes turns with that of others', () => {
  const priority = { fairnessKey: 'us' };
  expect(storyStart({ script, models: exampleModels, tenant: 'us' }, 'farm')).toMatchObject({ priority });
  expect(campaignStart({ ...campaign, tenant: 'us' }, 'farm')).toMatchObject({ priority, taskQueue: 'farm-edit' });
  expect(campaignStart(campaign, 'farm')).not.toHaveProperty('priority');
});

test('a campaign says how many clips it makes, and starts under one id for the same work', () => {
  const start = campaignStart(campaign, 'farm');
  expect(start.staticSummary).toBe('campaign first · 6 clips');
  expect(start.args).toEqual([campaign]);
  expect(campaignStart({ ...campaign }, 'farm').workflowId).toBe(start.workflowId);
});
