import { soundItem } from '../story/plan/plan-sound.ts';
import { filmTasks } from '../story/plan/plan-story.ts';
import { madeInputs } from '../story/plan/task.ts';
import type { StoryLedger } from './ledger.ts';
import type { StageChange } from './contracts.ts';
import { runPublish, runStage } from './pools.ts';
import type { Customer } from './pools.ts';
import { createTaskRunner } from './task-runner.ts';
import type { TaskRunnerParts } from './task-runner.ts';
import { together } from './together.ts';

/** Makes the sound of a story: its voices side by side, then the mix. Waits for no frame, so what is wrong with it is known early. */
export async function makeSound(
  ledger: StoryLedger,
  customer: Customer,
  tell: (change: StageChange) => void,
): Promise<void> {
  const { sound } = ledger.plan;
  if (sound === undefined) return;
  const runner = createTaskRunner(runnerParts(soundItem, ledger, customer, tell));
  await together(
    sound.speech.map(
      ({ key }) =>
        () =>
          runner.ensureArtifact(key),
    ),
  );
  await runner.ensureArtifact(sound.mix.key);
}

/** Stitches the segments of a story and publishes the film; makes segments again that were lost on the way. */
export async function makeFilm(
  ledger: StoryLedger,
  customer: Customer,
  tell: (change: StageChange) => void,
): Promise<void> {
  const { plan } = ledger;
  const runner = createTaskRunner(runnerParts('film', ledger, customer, tell));
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

/** What is done for an item of the story itself, whatever item the tasks are of. */
function runnerParts(
  item: string,
  ledger: StoryLedger,
  customer: Customer,
  tell: (change: StageChange) => void,
): TaskRunnerParts {
  const { tasks } = ledger;
  return {
    tasks,
    known: ledger.known(tasks),
    perform: (planned) => runStage(customer, planned),
    onBegin: ({ task }) => {
      tell({ item, stage: task.stage, state: 'running', result: null });
    },
    onEnd: (run) => {
      tell({ ...run, state: run.result.cacheHit ? 'cached' : 'done' });
    },
  };
}
