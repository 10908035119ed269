export { joinWorkflow, shotWorkflow } from './item.ts';
export { storyWorkflow } from './story.ts';
