import { CancellationScope, condition, getExternalWorkflowHandle } from '@temporalio/workflow';
import type { TaskRun } from '../activities/contracts.ts';
import type { JoinPlan, ShotPlan } from '../story/plan.ts';
import type { ItemInput, ItemResult, StageChange } from './contracts.ts';
import { clipTasks, pictureTasks } from '../story/plan-story.ts';
import { itemTasks } from './item-tasks.ts';
import { stagesChanged } from './messages.ts';
import { runStage } from './pools.ts';
import { createTaskRunner } from './task-runner.ts';
import { together } from './together.ts';

/** Makes one shot: its pictures side by side, clip (with FreeInit pass after pass), interpolation, then all its segments side by side. */
export async function shotWorkflow(input: ItemInput<ShotPlan>): Promise<ItemResult> {
  return makeItem(input);
}

/** Makes one join between two shots whose clips exist: transition and interpolation, or dissolve; then its segments. */
export async function joinWorkflow(input: ItemInput<JoinPlan>): Promise<ItemResult> {
  return makeItem(input);
}

async function makeItem(input: ItemInput<ShotPlan | JoinPlan>): Promise<ItemResult> {
  const { plan, storyId, producers, known } = input;
  const runs: TaskRun[] = [];
  const reporter = openReporter(storyId);
  const runner = createTaskRunner({
    tasks: [...producers, ...itemTasks(plan)],
    known: [...known, ...producers.map(({ task }) => task.key)],
    perform: (planned, remake) => runStage(input, planned, remake),
    onBegin: ({ item, task }) => {
      reporter.tell({ item, stage: task.stage, state: 'running', result: null });
    },
    onEnd: (run) => {
      runs.push(run);
      reporter.tell({ ...run, state: run.result.cacheHit ? 'cached' : 'done' });
    },
  });
  try {
    await together(pictureTasks(plan).map((task) => () => runner.ensureArtifact(task.key)));
    for (const task of clipTasks(plan)) await runner.ensureArtifact(task.key);
    await together(plan.segments.map((segment) => () => runner.ensureArtifact(segment.key)));
    return { runs };
  } finally {
    await reporter.close();
  }
}

interface Reporter {
  tell(change: StageChange): void;
  /** Sends what is left; the story has heard everything when it returns. */
  close(): Promise<void>;
}

/** Tells the story of changes: one signal for all that changed since the last was delivered. */
function openReporter(storyId: string): Reporter {
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
