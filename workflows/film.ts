import { filmTasks } from '../story/plan/plan-story.ts';
import { madeInputs } from '../story/plan/task.ts';
import type { StoryLedger } from './ledger.ts';
import type { StageChange } from './contracts.ts';
import { runPublish, runStage } from './pools.ts';
import type { Customer } from './pools.ts';
import { createTaskRunner } from './task-runner.ts';
import { together } from './together.ts';

/** Stitches the segments of a story and publishes the film; makes segments again that were lost on the way. */
export async function makeFilm(
  ledger: StoryLedger,
  customer: Customer,
  tell: (change: StageChange) => void,
): Promise<void> {
  const { plan, tasks } = ledger;
  const runner = createTaskRunner({
    tasks,
    known: ledger.known(tasks),
    perform: (planned) => runStage(customer, planned),
    onBegin: ({ task }) => {
      tell({ item: 'film', stage: task.stage, state: 'running', result: null });
    },
    onEnd: (run) => {
      tell({ ...run, state: run.result.cacheHit ? 'cached' : 'done' });
    },
  });
  const before = filmTasks(plan);
  if (before.length > 0)
    await together(
      before.map(
        ({ task }) =>
          () =>
            runner.ensureArtifact(task.key),
      ),
    );
  await runner.ensureArtifact(plan.film.key);
  const { storyId } = customer;
  const published = await runner.withArtifacts([plan.film.key, ...madeInputs(plan.film)], () =>
    runPublish(customer, { ...ledger.story, context: { storyId, item: 'film' } }),
  );
  // An edit may have been accepted in the very workflow task that brings this result; it then wins.
  if (ledger.plan.film.key === plan.film.key) ledger.film = { ...published, storyId, title: plan.title };
}
