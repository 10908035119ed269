import { setCurrentDetails, upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';
import type { StoryBoard } from './board.ts';
import { sizeOf } from './captions.ts';
import { progressTable } from './progress-table.ts';
import { storySearchAttributes } from './search-attributes.ts';

/** Keyword attributes are for finding stories, not for reading them; long ones cost every list. */
const maxKeywordLength = 120;

/** What the Temporal UI shows of a running story. */
interface Display {
  /** Shows the board as it is. */
  show(): void;
}

/** Shows a story in the Temporal UI: memo, current details and, where the namespace knows them, search attributes. */
export function openDisplay(board: StoryBoard, storyId: string, indexed: boolean): Display {
  let indexedAs = '';
  upsertMemo({ title: board.plan.title, film: sizeOf(board.plan), models: board.models.name });
  return {
    show() {
      setCurrentDetails(progressTable(board.status(storyId)));
      const { state, numShotsDone } = board;
      const changed = `${state} ${numShotsDone}`;
      if (!indexed || changed === indexedAs) return;
      indexedAs = changed;
      upsertSearchAttributes([
        { key: storySearchAttributes.title, value: board.plan.title.slice(0, maxKeywordLength) },
        { key: storySearchAttributes.state, value: state },
        { key: storySearchAttributes.models, value: board.models.name },
        { key: storySearchAttributes.shots, value: board.plan.shots.length },
        { key: storySearchAttributes.shotsDone, value: numShotsDone },
      ]);
    },
  };
}
