import type { ListedStory } from '../client/story-list.ts';
import type { StoryListAnswer } from './answers.ts';
import { RequestError } from './problem.ts';

/** Stories that a cursor may lie behind: as many as a person has, and no more than are asked for in a second. */
const maxListed = 5000;

/**
 * A page of the list. Temporal knows no cursor by id, and a story that was rendered again stands in it once, so the list is walked from
 * its beginning.
 * @param list The latest stories, at most so many.
 * @throws RequestError `NOT_FOUND` when no story has the id `after`.
 */
export async function pageOf(
  list: (limit: number) => Promise<readonly ListedStory[]>,
  { limit, after }: { readonly limit: number; readonly after?: string | undefined },
): Promise<StoryListAnswer> {
  const stories = await list(after === undefined ? limit + 1 : maxListed);
  const start = after === undefined ? 0 : stories.findIndex(({ workflowId }) => workflowId === after) + 1;
  if (after !== undefined && start === 0)
    throw new RequestError(
      'NOT_FOUND',
      `the list has no story '${after}' to go on after`,
      'begin again without `after`',
    );
  const page = stories.slice(start, start + limit);
  return {
    object: 'list',
    data: page.map((story) => ({
      object: 'story',
      id: story.workflowId,
      title: story.title,
      state: story.state,
      created_at: story.started,
      elapsed_seconds: story.elapsedSeconds,
      shots: story.shots,
      shots_done: story.shotsDone,
      poster: `/v1/stories/${encodeURIComponent(story.workflowId)}/poster`,
    })),
    first_id: page[0]?.workflowId ?? null,
    last_id: page.at(-1)?.workflowId ?? null,
    has_more: stories.length > start + limit,
  };
}
