import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import type { FilmStore } from '../../storage/film-store.ts';
import type { ArtifactStore } from '../../storage/artifact-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { formatOf, stages } from '../../story/plan/stages.ts';
import { taskKey } from '../../story/plan/task-key.ts';
import type { StageName, StageTask } from '../../story/plan/task.ts';
import type { StageProgress, StageRequest, StageResult } from '../../story/plan/task-run.ts';
import { makeScratch } from './scratch.ts';
import { countSetback } from './setbacks.ts';
import { discardUnusable, type FetchedArtifact } from './unusable-artifact.ts';

/** What the activities of the CPU pool work with. */
export interface EditOptions {
  readonly artifacts: ArtifactStore;
  readonly films: FilmStore;
  readonly objects: Pick<ObjectStore, 'bucket'>;
  /** Folder under which each activity gets one of its own. */
  readonly scratchRoot: string;
  readonly log: Logger;
}

/** What one run of an activity has at hand. */
export interface EditJob {
  /** A folder of its own; it is gone when the activity settles. */
  readonly dir: string;
  readonly signal: AbortSignal;
  /** Reports progress, and throws the abort's reason once a cancel has arrived. */
  progress(done: number, of: number): void;
  /** Brings artifacts of one stage to `dir`, verified; returns their files in the order of `keys`, one file per key. */
  fetch(stage: StageName, keys: readonly string[]): Promise<readonly string[]>;
}

/** Cancels arrive in the answers to heartbeats. */
const beatEveryMs = 1_000;
/** Enough to hide the latency of a store, few enough not to crowd it. */
const fetchesAtOnce = 4;

/**
 * Runs a stage of the CPU pool: an artifact that exists is the result; otherwise `make` writes one into `output`, which is
 * then published. Must be called inside an activity.
 */
export async function runEditStage<Task extends StageTask>(
  options: EditOptions,
  { task, context }: StageRequest<Task>,
  make: (job: EditJob, output: string) => Promise<void>,
): Promise<StageResult> {
  const startedMs = Date.now();
  const { attempt } = Context.current().info;
  checkKey(task);
  const result = { startedMs, resumedFromStep: 0, attempt, peakBytes: 0 };
  const found = await whileBeating(() => options.artifacts.find(task));
  if (found !== null) return { ...result, artifact: found, cacheHit: true, endedMs: Date.now(), busyMs: 0 };
  return withEditJob(options, async (job) => {
    const output = join(job.dir, `artifact.${formatOf(task.stage)}`);
    const { busyMs } = await timed(() => make(job, output));
    const artifact = await options.artifacts.publish(task, output, job.signal);
    const log = { story: context.storyId, item: context.item, stage: task.stage, attempt, key: task.key.slice(0, 12) };
    options.log.info({ ...log, busyMs, bytes: artifact.bytes }, 'stage done');
    return { ...result, artifact, cacheHit: false, endedMs: Date.now(), busyMs };
  });
}

/**
 * Lends a scratch folder and a heartbeat to `use`. Must be called inside an activity.
 * @throws CancelledFailure once the activity was cancelled.
 */
export async function withEditJob<Result>(
  options: EditOptions,
  use: (job: EditJob) => Promise<Result>,
): Promise<Result> {
  const activity = Context.current();
  const signal = activity.cancellationSignal;
  const before = activity.info.heartbeatDetails as StageProgress | undefined;
  let last: StageProgress = { ...(before ?? { unit: 'frame' }), done: 0, of: 0 };
  const beat = (): void => {
    activity.heartbeat(last);
  };
  const timer = setInterval(beat, beatEveryMs);
  const fetched: FetchedArtifact[] = [];
  let dir: string | null = null;
  try {
    const scratch = (dir = await makeScratch(options.scratchRoot));
    return await use({
      dir: scratch,
      signal,
      progress(done, of) {
        last = { ...last, done, of };
        beat();
        signal.throwIfAborted();
      },
      fetch: async (stage, keys) => {
        const files = await fetchAll(options.artifacts, scratch, stage, keys, signal);
        fetched.push(...files.map((file, index) => ({ stage, key: keys[index] ?? '', file })));
        return files;
      },
    });
  } catch (thrown) {
    // A stop can surface as any error of what was stopped.
    if (signal.aborted) return await activity.cancelled;
    const error = await discardUnusable(options.artifacts, fetched, thrown);
    if (!(error instanceof PipelineError)) throw error;
    const { setbacks, failure } = countSetback(error, last.setbacks ?? 0);
    last = { ...last, setbacks };
    beat();
    throw failure;
  } finally {
    clearInterval(timer);
    if (dir !== null) await rm(dir, { recursive: true, force: true });
  }
}

/** A storage that does not answer must not look like a worker that died. */
async function whileBeating<Result>(work: () => Promise<Result>): Promise<Result> {
  const { info, heartbeat } = Context.current();
  const timer = setInterval(() => {
    heartbeat(info.heartbeatDetails);
  }, beatEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

async function fetchAll(
  artifacts: ArtifactStore,
  dir: string,
  stage: StageName,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const fileOf = (key: string): string => join(dir, `${key}.${formatOf(stage)}`);
  const waiting = [...new Set(keys)];
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const lane = async (): Promise<void> => {
    for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
      await artifacts.fetch(key, stage, fileOf(key), either);
    }
  };
  const lanes = Array.from({ length: fetchesAtOnce }, lane);
  try {
    await Promise.all(lanes);
  } catch (error) {
    // The folder is about to go: no transfer may go on writing into it.
    waiting.length = 0;
    failed.abort(error);
    await Promise.allSettled(lanes);
    throw error;
  }
  return keys.map(fileOf);
}

async function timed(work: () => Promise<void>): Promise<{ readonly busyMs: number }> {
  const start = performance.now();
  await work();
  return { busyMs: Math.round(performance.now() - start) };
}

/** An artifact that is filed under a wrong key stays wrong for ever. */
function checkKey(task: StageTask): void {
  const { key, ...recipe } = task;
  if (task.stageVersion !== stages[task.stage].version || taskKey(recipe) !== key) {
    throw new PipelineError(
      'INTERNAL',
      `Task ${key.slice(0, 12)} of stage ${task.stage}, version ${String(task.stageVersion)}, is not one that this release plans; run workers and client of one release`,
      { details: { stage: task.stage, key } },
    );
  }
}
