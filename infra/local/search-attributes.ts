/** Search attributes that a story sets, by name, with the type that the Temporal server must know them by. */
export const searchAttributes = {
  StoryTitle: 'Keyword',
  StoryState: 'Keyword',
  StoryModels: 'Keyword',
  StoryShots: 'Int',
  StoryShotsDone: 'Int',
} as const;
