import type { TaskRun } from '../story/plan/task-run.ts';
import type { JoinPlan, ShotPlan } from '../story/plan/plan.ts';
import type { ItemInput, ItemResult } from './contracts.ts';
import { clipTasks, pictureTasks } from '../story/plan/task-list.ts';
import { itemTasks } from './item-tasks.ts';
import { runStage } from './pools.ts';
import { openReporter } from './reporter.ts';
import { createTaskRunner } from './task-runner.ts';
import { together } from './together.ts';

/**
 * Makes one shot: its pictures side by side, clip (with FreeInit pass after pass), interpolation, then all its segments side by side,
 * each with its enhancement.
 */
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
    perform: (planned) => runStage(input, planned),
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
    if (plan.kind === 'join' && plan.work.kind === 'mix') {
      const { lent } = plan.work;
      for (const stage of ['enhance', 'segment'] as const) {
        const tasks = lent.filter((task) => task.stage === stage);
        await together(tasks.map((task) => () => runner.ensureArtifact(task.key)));
      }
    } else {
      for (const task of clipTasks(plan)) await runner.ensureArtifact(task.key);
    }
    await together(
      plan.segments.map((segment, index) => async () => {
        const enhance = plan.enhance?.[index];
        if (enhance !== undefined) await runner.ensureArtifact(enhance.key);
        await runner.ensureArtifact(segment.key);
      }),
    );
    return { runs };
  } finally {
    await reporter.close();
  }
}
