export { campaignWorkflow } from './campaign.ts';
export { gateWorkflow } from './gate-takes.ts';
export { joinWorkflow, shotWorkflow } from './item.ts';
export { promptWorkflow } from './prompt.ts';
export { storyWorkflow } from './story.ts';
