import { setCurrentDetails, upsertMemo, upsertSearchAttributes } from '@temporalio/workflow';
import { harmlessLine } from '../errors/harmless-text.ts';
import type { StoryLedger } from './ledger.ts';
import { sizeOf } from './captions.ts';
import { progressTable } from './progress-table.ts';
import { storySearchAttributes } from './search-attributes.ts';

/** Keyword attributes are for finding stories, not for reading them; long ones cost every list. */
const maxKeywordLength = 120;

/** What the Temporal UI shows of a running story. */
interface Display {
  /** Shows the ledger as it is. */
  show(): void;
}

/** Shows a story in the Temporal UI: memo, current details and, where the namespace knows them, search attributes. */
export function openDisplay(ledger: StoryLedger, storyId: string, indexed: boolean): Display {
  let indexedAs = '';
  upsertMemo({ title: harmlessLine(ledger.plan.title), film: sizeOf(ledger.plan), models: ledger.models.name });
  return {
    show() {
      setCurrentDetails(progressTable(ledger.status(storyId)));
      const { state, numShotsDone } = ledger;
      const changed = `${state} ${numShotsDone}`;
      if (!indexed || changed === indexedAs) return;
      indexedAs = changed;
      upsertSearchAttributes([
        { key: storySearchAttributes.title, value: harmlessLine(ledger.plan.title).slice(0, maxKeywordLength) },
        { key: storySearchAttributes.state, value: state },
        { key: storySearchAttributes.models, value: ledger.models.name },
        { key: storySearchAttributes.shots, value: ledger.plan.shots.length },
        { key: storySearchAttributes.shotsDone, value: numShotsDone },
      ]);
    },
  };
}
