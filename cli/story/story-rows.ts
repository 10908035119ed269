import type { ListedStory } from '../../client/story-list.ts';
import type { Column } from '../shell/text-table.ts';
import { clock } from '../shell/time-format.ts';

/** Columns of the table. */
export const storyColumns: readonly Column[] = [
  { title: 'STORY' },
  { title: 'TITLE' },
  { title: 'STATE' },
  { title: 'SHOTS', align: 'right' },
  { title: 'STARTED' },
  { title: 'TIME', align: 'right' },
];

/** One row of the table. */
export function storyRow(story: ListedStory): string[] {
  const shots = story.shots === null ? '' : `${String(story.shotsDone ?? 0)}/${String(story.shots)}`;
  const started = story.started.slice(0, 16).replace('T', ' ');
  return [story.workflowId, story.title, story.state, shots, started, clock(story.elapsedSeconds * 1000)];
}
