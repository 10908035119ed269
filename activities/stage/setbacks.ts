import { counted } from '../../errors/counted.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { StageProgress } from '../../story/plan/task-run.ts';

/**
 * Failures that another attempt may cure, but not without end. Waiting for storage or for disk space is no setback: nothing is
 * wrong with the task. Invariants:
 * N1 A want of memory counts by attempts, for each is made with half the frames per model call.
 * N2 A failure that may be the worker's counts by workers: however often a broken one takes a task, that is one.
 * N3 Such a failure is final only when no worker lives that has not met it, or after a number of attempts that no task needs; and
 *    while one lives, a worker that failed the task leaves it to that one, a bounded number of times in a row. Where the server
 *    does not say who lives, enough workers must have met it.
 */

/** What is known of a task when an attempt of it begins; attempts hand it on by their heartbeats. */
export type TaskPast = Required<Pick<StageProgress, 'setbacks' | 'failedOn' | 'leftTo'>>;

/** Where an attempt is made. */
export interface Place {
  /** Name of the worker. */
  readonly worker: string;
  /** How many living workers of the pool have not failed the task; `null` when the server does not say. */
  readonly others: number | null;
}

/** One attempt as it is, and five that halve the frames per call: 24, the frames of a segment, are one by then. */
export const maxSetbacks = 6;

/** After how many workers a failure is the task's own where the server does not say who lives, and after how many attempts where no other worker is left. */
const limits = {
  // Engines die of many things: only a task that ends each of six is to blame.
  RESOURCE_ENGINE: { workers: 6, attempts: maxSetbacks, byHost: false },
  // One object that nobody may read, while the worker's own check of the storage goes well.
  STORAGE_DENIED: { workers: 6, attempts: maxSetbacks, byHost: false },
  // The same seed gives the same numbers on every sound device. Hosts may share what makes them wrong: a driver, a batch of devices.
  NUMERIC_INVALID: { workers: 3, attempts: 1, byHost: true },
} as const;

/** In all, whoever lives: workers may be listed and never come, and a seed that comes to NaN everywhere shall not visit a farm of hundreds. */
const mostAttempts = 24;

/** A minute of leaving; then the worker that is there tries again, for the others may be busy for hours. */
const mostLeft = 6;
const longestLeaveMs = 30_000;

/** A failure with what is known of its task after it. */
export interface CountedFailure {
  readonly past: TaskPast;
  /** The failure itself, or one that is not retried, with the same code. */
  readonly failure: PipelineError;
}

/** Counts a failure. */
export function countSetback(failure: PipelineError, before: TaskPast, place: Place): CountedFailure {
  if (failure.disposition === 'smaller') {
    const past = { ...before, setbacks: before.setbacks + 1 };
    if (past.setbacks < maxSetbacks) return { past, failure };
    return {
      past,
      failure: final(failure, `That was setback ${past.setbacks} of ${maxSetbacks} for want of memory`),
    };
  }
  if (!isKnown(failure.code) || failure.disposition !== 'elsewhere') return { past: before, failure };
  const { worker, others } = place;
  const failedOn = { ...before.failedOn, [worker]: (before.failedOn[worker] ?? 0) + 1 };
  const past = { ...before, failedOn, leftTo: 0 };
  const workers = Object.keys(failedOn).length;
  const hosts = new Set(Object.keys(failedOn).map(hostOf)).size;
  const attempts = Object.values(failedOn).reduce((sum, count) => sum + count, 0);
  const limit = limits[failure.code];
  const isAlone = others === 0 && attempts >= limit.attempts;
  const isEnough = others === null && (limit.byHost ? hosts : workers) >= limit.workers;
  if (!isEnough && !isAlone && attempts < mostAttempts) return { past, failure };
  const why = isAlone ? 'and no worker of the pool is left that has not tried it' : 'which is enough';
  const times = `The task failed ${counted(attempts, 'time')} on ${counted(workers, 'worker')}, ${why}`;
  return { past, failure: final(failure, times) };
}

/** The host in the name of a worker, `base@host:123-abcd`; workers of a host share its devices, its driver and its memory. */
const hostOf = (worker: string): string => /@(.+):\d+-/.exec(worker)?.[1] ?? worker;

/** How long, in milliseconds, a task is left to another worker instead of being tried here; `null` when it is to be tried. */
export function leaveMs({ failedOn, leftTo }: TaskPast, { worker, others }: Place): number | null {
  const mayLeave = failedOn[worker] !== undefined && others !== null && others > 0 && leftTo < mostLeft;
  return mayLeave ? Math.min(longestLeaveMs, 1000 * 2 ** leftTo) : null;
}

function isKnown(code: string): code is keyof typeof limits {
  return Object.hasOwn(limits, code);
}

function final(failure: PipelineError, reason: string): PipelineError {
  const { code, message, details } = failure;
  return new PipelineError(code, `${message}. ${reason}; no more attempts are made`, {
    details,
    cause: failure,
    final: true,
  });
}
