import { CancellationScope, condition, getExternalWorkflowHandle } from '@temporalio/workflow';
import type { StageChange } from './contracts.ts';
import { stagesChanged } from './messages.ts';

/** The way from a child to its story. */
export interface Reporter {
  /** Sends a change, together with others of the same moment. */
  tell(change: StageChange): void;
  /** Sends what is left; the story has heard everything when it returns. */
  close(): Promise<void>;
}

/** Tells the story of changes: one signal for all that changed since the last was delivered. */
export function openReporter(storyId: string): Reporter {
  const story = getExternalWorkflowHandle(storyId);
  const outbox: StageChange[] = [];
  let closing = false;
  const deliver = async (): Promise<void> => {
    for (;;) {
      await condition(() => outbox.length > 0 || closing);
      if (outbox.length === 0) return;
      await story.signal(stagesChanged, outbox.splice(0));
    }
  };
  // A story that cannot be signalled has been terminated, and this child is about to hear so: there is nobody left to tell.
  const delivery = CancellationScope.nonCancellable(deliver).catch(() => undefined);
  return {
    tell: (change) => void outbox.push(change),
    close: async () => {
      closing = true;
      await delivery;
    },
  };
}
