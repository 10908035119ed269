import { soundItem } from '../story/plan/plan-sound.ts';
import { filmTasks, outputTasks } from '../story/plan/task-list.ts';
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

/** Activities of a workflow that wait at a time: the server takes 2000. */
const atOnce = 500;

/** Stitches the segments of a story and publishes the film; makes segments again that were lost on the way. Further files of the story come after its film. */
export async function makeFilm(
  ledger: StoryLedger,
  customer: Customer,
  tell: (change: StageChange) => void,
): Promise<void> {
  const { plan } = ledger;
  const runner = createTaskRunner(runnerParts('film', ledger, customer, tell));
  const before = filmTasks(plan);
  const ensure = (key: string) => (): Promise<void> => runner.ensureArtifact(key);
  for (let first = 0; first < before.length; first += atOnce) {
    await together(before.slice(first, first + atOnce).map(({ task }) => ensure(task.key)));
  }
  await runner.ensureArtifact(plan.film.key);
  const outputs = outputTasks(plan).map(({ task }) => task);
  if (outputs.length > 0) await together(outputs.map(({ key }) => ensure(key)));
  const { storyId } = customer;
  const needed = [plan.film, ...outputs].flatMap((task) => [task.key, ...madeInputs(task)]);
  const published = await runner.withArtifacts([...new Set(needed)], () =>
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
