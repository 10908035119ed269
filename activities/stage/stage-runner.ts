import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import type { ArtifactRef, StageProgress, StageResult, TaskContext } from '../../story/plan/task-run.ts';
import { makeScratch } from './scratch.ts';
import { discardUnusable } from './unusable-artifact.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ArtifactStore } from '../../storage/artifact-store.ts';
import type { CheckpointStore } from '../../storage/checkpoint-store.ts';
import type { PackageStore } from '../../storage/package-store.ts';
import type { ModelRole, PackageRef } from '../../story/models/model-set.ts';
import { formatOf, stages } from '../../story/plan/stages.ts';
import { taskKey } from '../../story/plan/task-key.ts';
import type { StageTask } from '../../story/plan/task.ts';
import { CheckpointUploader } from './checkpoint-uploader.ts';
import { Heartbeat } from './heartbeat.ts';
import type { MemoryLevels } from './memory-levels.ts';
import type { EngineClient, EngineOutcome } from '../../engine/client/engine-client.ts';
import { asPipelineError, errorName } from '../../engine/failures.ts';
import { fetchInputs } from './stage-inputs.ts';
import type { PackageGraph } from './warm-list.ts';

/**
 * Runs one stage task on this host.
 *
 * Invariants:
 * S1 An artifact that exists is the result; nothing is computed for it.
 * S2 A task whose key is not the hash of its content is refused: its artifact would be filed under a wrong name for ever.
 * S3 Cancel, pause and shutdown stop the engine after the running step; the last checkpoint is in S3 before the task is
 *    handed back, so the next attempt goes on from that step and makes the same bytes.
 * S4 Work that is finished is published even when a cancel has arrived in the meantime.
 * S5 The task's scratch folder is gone when `run` settles, whatever happened.
 */
export interface StageRunner {
  /**
   * Must be called inside an activity: it beats, and it listens for cancellation.
   *
   * @throws CancelledFailure after a cancel, pause, reset or worker shutdown.
   * @throws PipelineError with the code of what failed.
   */
  run(task: StageTask, context: TaskContext): Promise<StageResult>;
}

/** What a stage runner works with. */
export interface StageRunnerOptions {
  readonly artifacts: ArtifactStore;
  readonly checkpoints: CheckpointStore;
  readonly packages: Pick<PackageStore, 'ensurePackage'>;
  readonly engine: Pick<EngineClient, 'run'>;
  readonly log: Logger;
  /** Folder under which each task gets one of its own. */
  readonly scratchRoot: string;
  /** Steps between two checkpoints; 0 keeps one only when the task is handed back. */
  readonly checkpointEvery: number;
  /** Remembers at which memory level tasks of a stage run on this host. */
  readonly memoryLevels?: Pick<MemoryLevels, 'of' | 'ranOut'>;
  /** Hears of the graphs that a task has used. */
  readonly onGraphs?: (graphs: readonly PackageGraph[]) => void;
}

/** How long a task that ends early waits for its last checkpoint to reach S3. */
const lastCheckpointMs = 20_000;

/**
 * Makes a stage runner.
 *
 * @example
 * ```ts
 * import type { TaskContext } from '../../story/plan/task-run.ts';
 * import type { StageTask } from '../../story/plan/task.ts';
 * import { createStageRunner } from './stage-runner.ts';
 * import type { StageRunnerOptions } from './stage-runner.ts';
 *
 * // The activity of a stage is one call of it.
 * async function activity(options: StageRunnerOptions, task: StageTask, context: TaskContext): Promise<string> {
 *   const { artifact, cacheHit } = await createStageRunner(options).run(task, context);
 *   return `${artifact.key} ${cacheHit ? 'was there' : 'was made'}`;
 * }
 * ```
 */
export function createStageRunner(options: StageRunnerOptions): StageRunner {
  return {
    async run(task, context) {
      const activity = Context.current();
      const { attempt } = activity.info;
      const log = options.log.child({
        story: context.storyId,
        item: context.item,
        stage: task.stage,
        attempt,
        key: task.key.slice(0, 12),
      });
      const startedMs = Date.now();
      const beat = new Heartbeat(activity, options.memoryLevels?.of(task.stage));
      try {
        checkKey(task);
        const found = await options.artifacts.find(task);
        if (found !== null) {
          log.info('the artifact is there already');
          return finished(found, { startedMs, attempt, cacheHit: true });
        }
        const { artifact, outcome } = await compute(task, activity, beat, { ...options, log });
        const result = finished(artifact, { startedMs, attempt, cacheHit: false, shrink: beat.shrink, ...outcome });
        log.info({ busyMs: result.busyMs, peakBytes: result.peakBytes, bytes: artifact.bytes }, 'stage done');
        return result;
      } catch (error) {
        if (activity.cancellationSignal.aborted && isStop(error)) {
          log.info({ reason: activity.cancellationDetails }, 'handed back');
          return await activity.cancelled;
        }
        const failure = asPipelineError(error, `${task.stage} ${task.key.slice(0, 12)}`);
        if (failure.disposition === 'smaller') await options.memoryLevels?.ranOut(task.stage, beat.shrink + 1);
        throw beat.fail(failure);
      } finally {
        beat.stop();
      }
    },
  };
}

async function compute(
  task: StageTask,
  activity: Context,
  beat: Heartbeat,
  options: StageRunnerOptions,
): Promise<{ artifact: ArtifactRef; outcome: EngineOutcome }> {
  const signal = activity.cancellationSignal;
  const scratchDir = await makeScratch(options.scratchRoot);
  const uploader = checkpointUploader(task, options);
  try {
    const packageDirs = await ensurePackages(options.packages, task, signal);
    const inputs = await fetchInputs(options.artifacts, task, scratchDir, signal);
    const checkpoint = await options.checkpoints.latest(task.key, scratchDir, signal);
    if (checkpoint !== null) options.log.info({ step: checkpoint.step }, 'resuming from a checkpoint');
    const outputFile = join(scratchDir, `artifact.${formatOf(task.stage)}`);
    const request = {
      task,
      packageDirs,
      inputFiles: inputs.map(({ file }) => file),
      outputFile,
      checkpointFile: checkpoint?.file ?? null,
      scratchDir,
      checkpointEvery: options.checkpointEvery,
      shrink: beat.shrink,
    };
    const outcome = await options.engine
      .run(request, {
        signal,
        onProgress: (progress) => {
          beat.report(progress);
        },
        onCheckpoint: (each) => {
          uploader.offer(each);
        },
      })
      .catch(async (error: unknown) => {
        await uploader.finish(lastCheckpointMs);
        if (checkpoint !== null) await forgetIfBad(error, task, options);
        throw await discardUnusable(options.artifacts, inputs, error);
      });
    options.onGraphs?.(
      outcome.graphs.flatMap(({ role, graph }) => {
        const ref: PackageRef | undefined = packagesOf(task)[role];
        return ref === undefined ? [] : [{ ref, graph }];
      }),
    );
    await uploader.discard();
    const artifact = await options.artifacts.publish(task, outputFile);
    await forget(task, options);
    return { artifact, outcome };
  } finally {
    await uploader.discard();
    await rm(scratchDir, { recursive: true, force: true });
  }
}

function checkpointUploader(task: StageTask, options: StageRunnerOptions): CheckpointUploader {
  return new CheckpointUploader({
    save: ({ step, file }, signal) => options.checkpoints.save(task.key, step, file, signal),
    onError: (err, { step }) => {
      options.log.warn({ err, step }, 'a checkpoint could not be saved; the task goes on without it');
    },
  });
}

/** A failure of our own making after a resume may lie in the checkpoint, so the next attempt starts from the beginning. */
async function forgetIfBad(error: unknown, task: StageTask, options: StageRunnerOptions): Promise<void> {
  const suspicious = error instanceof PipelineError && (error.code === 'INTERNAL' || error.code === 'NUMERIC_INVALID');
  if (suspicious) await forget(task, options);
}

async function forget(task: StageTask, options: StageRunnerOptions): Promise<void> {
  try {
    await options.checkpoints.clear(task.key);
  } catch (err) {
    options.log.warn({ err }, 'checkpoints could not be cleared; the lifecycle rule of the bucket removes them');
  }
}

async function ensurePackages(
  packages: Pick<PackageStore, 'ensurePackage'>,
  task: StageTask,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const dirs: Record<string, string> = {};
  for (const [role, ref] of Object.entries(packagesOf(task))) {
    signal.throwIfAborted();
    dirs[role] = await unlessAborted(packages.ensurePackage(ref), signal);
  }
  return dirs;
}

/** Gigabytes may be on their way: whoever stops does not wait for them. They go on arriving, for the next task. */
async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const left = new AbortController();
  try {
    return await new Promise<Result>((resolve, reject) => {
      const onAbort = (): void => {
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', onAbort, { once: true, signal: left.signal });
      work.then(resolve, reject);
    });
  } finally {
    left.abort();
  }
}

function packagesOf(task: StageTask): Readonly<Partial<Record<ModelRole, PackageRef>>> {
  return task.packages;
}

function checkKey(task: StageTask): void {
  const { key, ...recipe } = task;
  const expected = taskKey(recipe);
  const version = stages[task.stage].version;
  if (task.stageVersion !== version) {
    throw new PipelineError(
      'INTERNAL',
      `the task is for version ${task.stageVersion} of stage ${task.stage}, this worker has version ${version}; run workers of the release that planned the story`,
      { details: { stage: task.stage, planned: task.stageVersion, worker: version } },
    );
  }
  if (expected !== key) {
    throw new PipelineError(
      'INTERNAL',
      `the task's key is ${key.slice(0, 12)}, the hash of its content ${expected.slice(0, 12)}; tasks come from planStory and are not changed on the way`,
      { details: { key, expected } },
    );
  }
}

/** Errors that mean "stopped as asked" once the activity's signal has fired. */
function isStop(error: unknown): boolean {
  return ['EngineCancelled', 'AbortError', 'CancelledFailure'].includes(errorName(error) ?? '');
}

function finished(
  artifact: ArtifactRef,
  run: Partial<EngineOutcome & Pick<StageProgress, 'shrink'>> & Pick<StageResult, 'startedMs' | 'attempt' | 'cacheHit'>,
): StageResult {
  const { startedMs, attempt, cacheHit, busyMs = 0, resumedFromStep = 0, peakBytes = 0, shrink = 0 } = run;
  return {
    artifact,
    cacheHit,
    startedMs,
    endedMs: Date.now(),
    busyMs: Math.round(busyMs),
    resumedFromStep,
    attempt,
    peakBytes,
    ...(shrink === 0 ? {} : { shrink }),
  };
}
