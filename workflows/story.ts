import {
  CancellationScope,
  allHandlersFinished,
  condition,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ApplicationFailure } from '@temporalio/workflow';
import { StoryLedger } from './ledger.ts';
import { createStarts, startItem } from './children.ts';
import { answerClients } from './client-handlers.ts';
import type { StageChange, StoryInput, StoryResult } from './contracts.ts';
import { createCrew } from './crew.ts';
import type { Job } from './crew.ts';
import { inCriticalOrder } from './critical-path.ts';
import { openDisplay } from './display.ts';
import { failureOf } from './failure.ts';
import { makeFilm, makeSound } from './film.ts';
import { gateInputOf, runGate } from './run-gate.ts';
import { soundItem } from '../story/plan/plan-sound.ts';
import { childIdOf, producersOf } from './item-tasks.ts';
import type { StoryItem } from './item-tasks.ts';
import { stagesChanged } from './messages.ts';

/**
 * Makes a story into a film. The loop at its heart compares what the ledger says should be under way with what is, and acts on the
 * difference; all that happens (a stage done, an edit, a pause, a child's end) only changes the ledger. So there are no
 * barriers: a child begins the moment its inputs exist.
 */
export async function storyWorkflow(input: StoryInput): Promise<StoryResult> {
  const { workflowId: storyId, startTime } = workflowInfo();
  const customer = { storyId, tenant: input.tenant ?? null };
  const ledger = new StoryLedger(input.script, input.models, startTime.getTime());
  const display = openDisplay(ledger, storyId, input.indexed ?? false);
  const failures: ApplicationFailure[] = [];
  const starts = createStarts();
  let revision = 0;
  const touch = (): void => void (revision += 1);

  const tell = (change: StageChange): void => {
    ledger.record(change);
    touch();
  };

  const crew = createCrew((job, error) => {
    ledger.end(job.item, error !== null);
    if (error !== null) failures.push(failureOf(job.name, error));
    touch();
  });

  const workOn = async (item: StoryItem): Promise<void> => {
    const producers = producersOf(item, ledger.tasks);
    const childId = childIdOf(storyId, item);
    const input = { ...customer, plan: item.plan, producers, known: ledger.known(item.tasks) };
    const child = await startItem(childId, input, starts);
    ledger.begin(item.name, childId);
    const { runs } = await child.result();
    for (const run of runs) ledger.record({ ...run, state: 'done' });
  };

  const judge = async (item: StoryItem): Promise<void> => {
    const decision = await runGate(item, gateInputOf(item, ledger, customer), starts, (childId) => {
      ledger.begin(item.name, childId);
    });
    ledger.decide(item, decision);
  };

  const soundJobs = (): Job[] => {
    const { sound } = ledger.plan;
    if (sound === undefined) return [];
    const work = (): Promise<void> => makeSound(ledger, customer, tell);
    return [{ name: soundItem, item: soundItem, mark: sound.mix.key, ready: !ledger.isSoundDone, work }];
  };

  const jobs = (): Job[] => [
    ...ledger.undecided.map((item) => ({
      name: `gate of ${item.name}`,
      item: item.name,
      mark: item.mark,
      ready: ledger.hasInputs(item),
      work: () => judge(item),
    })),
    ...inCriticalOrder(ledger.items).map((item) => ({
      name: item.name,
      item: item.name,
      mark: item.mark,
      ready: !ledger.isDone(item) && ledger.canBegin(item),
      work: () => workOn(item),
    })),
    ...soundJobs(),
    {
      name: 'film',
      item: 'film',
      mark: ledger.plan.film.key,
      ready: ledger.isReadyForFilm,
      work: () => makeFilm(ledger, customer, tell),
    },
  ];

  setHandler(stagesChanged, (changes) => {
    changes.forEach(tell);
  });
  answerClients({ ledger, input, storyId, touch, isIdle: () => crew.isIdle });

  try {
    for (;;) {
      crew.assign(ledger.paused ? [] : jobs());
      display.show();
      const seen = revision;
      await condition(() => revision !== seen);
      if (failures[0] !== undefined) throw failures[0];
      if (ledger.film !== null) return ledger.film;
    }
  } catch (error) {
    if (isCancellation(error)) ledger.cancelled = true;
    else ledger.failure = error instanceof Error ? error.message : String(error);
    crew.assign([]);
    throw error;
  } finally {
    // Whatever the end, it is told only when no pool works for this story any more and every client has its answer.
    display.show();
    await CancellationScope.nonCancellable(() => condition(() => crew.isIdle && allHandlersFinished()));
    display.show();
  }
}
