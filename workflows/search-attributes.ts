import { defineSearchAttributeKey } from '@temporalio/common';

/**
 * What an operator can search and sort stories by in the Temporal UI. A namespace must know all of them before a client
 * may start stories with `indexed: true`; `infra/` registers them.
 */
export const storySearchAttributes = {
  title: defineSearchAttributeKey('StoryTitle', 'KEYWORD'),
  state: defineSearchAttributeKey('StoryState', 'KEYWORD'),
  models: defineSearchAttributeKey('StoryModels', 'KEYWORD'),
  shots: defineSearchAttributeKey('StoryShots', 'INT'),
  shotsDone: defineSearchAttributeKey('StoryShotsDone', 'INT'),
} as const;
