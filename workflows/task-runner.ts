import { PipelineError } from '../errors/pipeline-error.ts';
import type { StageResult, TaskRun } from '../story/plan/task-run.ts';
import type { PlannedTask } from '../story/plan/plan.ts';
import { madeInputs } from '../story/plan/task.ts';
import { failureType, lostArtifact } from './failure.ts';
import { remakesPerArtifact, rerunsOf } from './stages.ts';

/**
 * Runs tasks and repairs what they rest on. Invariants:
 * T1 A task whose artifact is known is not run, until a task that reads it finds it lost.
 * T2 A lost artifact is made again before the task that needed it is run again; what that one misses in turn, too. Only
 *    inputs are repaired, and inputs form no cycle, so the recursion ends.
 * T3 A task runs once at a time, however many wait for it.
 * T4 Each artifact is made again a bounded number of times.
 */
export interface TaskRunner {
  /** Sees to it that a task's artifact exists. */
  ensureArtifact(key: string): Promise<void>;
  /** Runs work that reads artifacts, making lost ones again. */
  withArtifacts<T>(keys: readonly string[], work: () => Promise<T>): Promise<T>;
}

/** What a task runner needs from its workflow. */
export interface TaskRunnerParts {
  /** Every task that may have to be run. */
  readonly tasks: readonly PlannedTask[];
  /** Keys of artifacts that exist. */
  readonly known: Iterable<string>;
  /** Runs one task in its pool. */
  readonly perform: (planned: PlannedTask) => Promise<StageResult>;
  /** Hears of a task before it is run. */
  readonly onBegin: (planned: PlannedTask) => void;
  /** Hears of a task that has been run. */
  readonly onEnd: (run: TaskRun) => void;
}

/**
 * A task runner over a table of tasks.
 *
 * @example
 * ```ts
 * import { madeInputs } from '../story/plan/task.ts';
 * import type { FilmTask } from '../story/plan/task.ts';
 * import { createTaskRunner } from './task-runner.ts';
 * import type { TaskRunnerParts } from './task-runner.ts';
 *
 * async function stitch(parts: TaskRunnerParts, film: FilmTask, work: () => Promise<void>): Promise<void> {
 *   const runner = createTaskRunner(parts);
 *   for (const segment of madeInputs(film)) await runner.ensureArtifact(segment);
 *   // When the work finds a segment lost, it is made again and the work begins anew.
 *   await runner.withArtifacts(madeInputs(film), work);
 * }
 * ```
 */
export function createTaskRunner(parts: TaskRunnerParts): TaskRunner {
  const table = new Map(parts.tasks.map((planned) => [planned.task.key, planned]));
  const known = new Set(parts.known);
  const inFlight = new Map<string, Promise<void>>();
  const remakes = new Map<string, number>();

  const make = async (planned: PlannedTask): Promise<void> => {
    const { item, task } = planned;
    parts.onBegin(planned);
    const result = await withArtifacts(madeInputs(task), () => withReruns(() => parts.perform(planned)));
    known.add(task.key);
    parts.onEnd({ item, stage: task.stage, result });
  };

  const ensureArtifact = async (key: string): Promise<void> => {
    if (known.has(key)) return;
    const planned = table.get(key);
    if (planned === undefined)
      throw new PipelineError('INTERNAL', `no task makes artifact ${key}; the workflow was given too few tasks`);
    const running = inFlight.get(key) ?? make(planned).finally(() => inFlight.delete(key));
    inFlight.set(key, running);
    await running;
  };

  const withArtifacts = async <T>(keys: readonly string[], work: () => Promise<T>): Promise<T> => {
    for (;;) {
      const remakesBefore = new Map(remakes);
      try {
        return await work();
      } catch (error) {
        const lost = lostArtifact(error);
        if (lost === null || !keys.includes(lost) || !table.has(lost)) throw error;
        const count = remakes.get(lost) ?? 0;
        // Several readers find the same loss; whoever comes after the first only waits for its repair.
        if (count === (remakesBefore.get(lost) ?? 0)) {
          if (count === remakesPerArtifact) throw error;
          remakes.set(lost, count + 1);
          known.delete(lost);
        }
        await ensureArtifact(lost);
      }
    }
  };

  return { ensureArtifact, withArtifacts };
}

/** Runs work again after the failures that `rerunsOf` allows for. */
async function withReruns<T>(work: () => Promise<T>): Promise<T> {
  const failures = new Map<string, number>();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const type = failureType(error);
      if (type === null) throw error;
      const count = (failures.get(type) ?? 0) + 1;
      if (count > (rerunsOf[type] ?? 0)) throw error;
      failures.set(type, count);
    }
  }
}
