export { campaignWorkflow } from './campaign.ts';
export { gateWorkflow } from './gate.ts';
export { joinWorkflow, shotWorkflow } from './item.ts';
export { promptWorkflow } from './prompt.ts';
export { storyWorkflow } from './story.ts';
