import {
  CancellationScope,
  allHandlersFinished,
  condition,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ApplicationFailure } from '@temporalio/workflow';
import { StoryBoard } from './board.ts';
import { startItem } from './children.ts';
import { answerClients } from './client-handlers.ts';
import type { StageChange, StoryInput, StoryResult } from './contracts.ts';
import { createCrew } from './crew.ts';
import type { Job } from './crew.ts';
import { openDisplay } from './display.ts';
import { asFailures, failureOf } from './failure.ts';
import { makeFilm } from './film.ts';
import { gateInputOf, runGate } from './gate.ts';
import { childIdOf, producersOf } from './item-tasks.ts';
import type { StoryItem } from './item-tasks.ts';
import { stagesChanged } from './messages.ts';

/** The job that decides about a gated shot is named after it. */
const gatePrefix = 'gate of ';

/**
 * Makes a story into a film. The loop at its heart compares what the board says should be under way with what is, and acts on the
 * difference; all that happens (a stage done, an edit, a pause, a child's end) only changes the board. So there are no
 * barriers: a child begins the moment its inputs exist.
 */
export async function storyWorkflow(input: StoryInput): Promise<StoryResult> {
  const { workflowId: storyId, startTime } = workflowInfo();
  const customer = { storyId, tenant: input.tenant ?? null };
  const board = asFailures(() => new StoryBoard(input.script, input.models, startTime.getTime()));
  const display = openDisplay(board, storyId, input.indexed ?? false);
  const failures: ApplicationFailure[] = [];
  let revision = 0;
  const touch = (): void => void (revision += 1);

  const tell = (change: StageChange): void => {
    board.record(change);
    touch();
  };

  const crew = createCrew((job, error) => {
    board.end(job.name.replace(gatePrefix, ''), error !== null);
    if (error !== null) failures.push(failureOf(job.name, error));
    touch();
  });

  const workOn = async (item: StoryItem): Promise<void> => {
    const producers = producersOf(item, board.tasks);
    const childId = childIdOf(storyId, item);
    const child = await startItem(childId, { ...customer, plan: item.plan, producers, known: board.known(item.tasks) });
    board.begin(item.name, childId);
    const { runs } = await child.result();
    for (const run of runs) board.record({ ...run, state: 'done' });
  };

  const judge = async (item: StoryItem): Promise<void> => {
    const decision = await runGate(item, gateInputOf(item, board, customer), (childId) => {
      board.begin(item.name, childId);
    });
    board.decide(item, decision);
  };

  const jobs = (): Job[] => [
    ...board.undecided.map((item) => ({
      name: `${gatePrefix}${item.name}`,
      mark: item.mark,
      ready: board.hasInputs(item),
      work: () => judge(item),
    })),
    ...board.items.map((item) => ({
      name: item.name,
      mark: item.mark,
      ready: !board.isDone(item) && board.canBegin(item),
      work: () => workOn(item),
    })),
    {
      name: 'film',
      mark: board.plan.film.key,
      ready: board.isReadyForFilm,
      work: () => makeFilm(board, customer, tell),
    },
  ];

  setHandler(stagesChanged, (changes) => {
    changes.forEach(tell);
  });
  answerClients({ board, input, storyId, touch, isIdle: () => crew.isIdle });

  try {
    for (;;) {
      crew.assign(board.paused ? [] : jobs());
      display.show();
      const seen = revision;
      await condition(() => revision !== seen);
      if (failures[0] !== undefined) throw failures[0];
      if (board.film !== null) return board.film;
    }
  } catch (error) {
    if (isCancellation(error)) board.cancelled = true;
    else board.failure = error instanceof Error ? error.message : String(error);
    crew.assign([]);
    throw error;
  } finally {
    // Whatever the end, it is told only when no pool works for this story any more and every client has its answer.
    display.show();
    await CancellationScope.nonCancellable(() => condition(() => crew.isIdle && allHandlersFinished()));
    display.show();
  }
}
