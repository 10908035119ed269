import type { StoryPlan } from './plan.ts';

/** Workflow id of a story: it follows from the script, so sending the same script twice finds the same run. */
export function storyIdOf({ slug, scriptHash }: Pick<StoryPlan, 'slug' | 'scriptHash'>): string {
  return `story-${slug}-${scriptHash}`;
}
