import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import type { Logger } from 'pino';
import { asPipelineError } from '../../errors/failures.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ArtifactStore } from '../../storage/artifact-store.ts';
import type { CheckpointStore } from '../../storage/checkpoint-store.ts';
import { formatOf, stages } from '../../story/plan/stages.ts';
import { taskKey } from '../../story/plan/task-key.ts';
import type { StageTask } from '../../story/plan/task.ts';
import type { ArtifactRef, StageProgress, StageResult, TaskContext } from '../../story/plan/task-run.ts';
import { type Attempt, withAttempt } from './attempt.ts';
import { CheckpointUploader } from './checkpoint-uploader.ts';
import { withArtifacts } from './lent-artifacts.ts';
import type { Maker, MakerHooks, Outcome, StageJob } from './maker.ts';
import type { MemoryLevels } from './memory-levels.ts';
import { withScratch } from './scratch.ts';
import type { WorkerHealth } from './worker-health.ts';

/**
 * Runs one stage task on this host, whoever makes its artifact.
 *
 * Invariants:
 * S1 An artifact that exists is the result; nothing is computed for it.
 * S2 A task whose key is not the hash of its content is refused: its artifact would be filed under a wrong name for ever.
 *    One of another version of its stage is handed back to a worker that knows it.
 * S3 Cancel, pause and shutdown stop the work after the running step; the last checkpoint is in S3 before the task is
 *    handed back, so the next attempt goes on from that step and makes the same bytes.
 * S4 Work that is finished is published even when a cancel has arrived in the meantime.
 * S5 The task's scratch folder is gone when `run` settles, whatever happened.
 * S6 An input that is missing, altered or of no use is named by its key, and no longer in the store.
 * S7 It beats from the first look into the store to the end, and failures for want of memory or of a sound worker are counted.
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
  /** Makes what is not in the store. */
  readonly make: Maker;
  readonly log: Logger;
  /** Folder under which each task gets one of its own. */
  readonly scratchRoot: string;
  /** Remembers at which memory level tasks of a stage run on this host. */
  readonly memoryLevels?: Pick<MemoryLevels, 'of' | 'ranOut'>;
  /** The worker; absent, it is the only one, and sound. */
  readonly health?: WorkerHealth;
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
    run(task, { storyId, item }) {
      const { attempt } = Context.current().info;
      const { stage } = task;
      const key = task.key.slice(0, 12);
      const log = options.log.child({ story: storyId, item, stage, attempt, key });
      const leastShrink = options.memoryLevels?.of(stage) ?? 0;
      const { health } = options;
      return withAttempt({ doing: `${stage} ${key}`, log, leastShrink, task, health }, async (work) => {
        const startedMs = Date.now();
        checkKey(task, storyId);
        const found = await options.artifacts.find(task);
        if (found !== null) {
          log.info('the artifact is there already');
          return finished(found, { startedMs, attempt, cacheHit: true });
        }
        const { artifact, outcome } = await makeAndPublish(task, work, { ...options, log });
        health?.worked();
        const { shrink } = work.beat;
        const result = finished(artifact, { startedMs, attempt, cacheHit: false, shrink, ...outcome });
        log.info({ busyMs: result.busyMs, peakBytes: result.peakBytes, bytes: artifact.bytes }, 'stage done');
        return result;
      });
    },
  };
}

async function makeAndPublish(
  task: StageTask,
  { signal, beat }: Attempt,
  options: StageRunnerOptions,
): Promise<{ artifact: ArtifactRef; outcome: Outcome }> {
  const { artifacts, checkpoints, log } = options;
  return withScratch(options.scratchRoot, (dir) =>
    withArtifacts({ artifacts, dir, signal }, task.inputs, async (inputs) => {
      const uploader = checkpointUploader(task, options);
      try {
        const checkpoint = await checkpoints.latest(task.key, dir, signal);
        if (checkpoint !== null) log.info({ step: checkpoint.step }, 'resuming from a checkpoint');
        const job: StageJob = {
          task,
          inputFiles: inputs.map(({ file }) => file),
          outputFile: join(dir, `artifact.${formatOf(task.stage)}`),
          checkpointFile: checkpoint?.file ?? null,
          scratchDir: dir,
          shrink: beat.shrink,
        };
        const hooks: MakerHooks = {
          signal,
          onProgress: (progress) => {
            beat.report(progress);
          },
          onCheckpoint: (each) => {
            uploader.offer(each);
          },
        };
        const outcome = await options.make(job, hooks).catch(async (error: unknown) => {
          await uploader.finish(lastCheckpointMs);
          if (checkpoint !== null) await forgetIfBad(error, task, options);
          const isTooLarge = asPipelineError(error, task.stage).disposition === 'smaller';
          if (isTooLarge) await options.memoryLevels?.ranOut(task.stage, beat.shrink + 1);
          throw error;
        });
        await uploader.discard();
        // Without the signal, for it is finished (S4).
        const artifact = await artifacts.publish(task, job.outputFile);
        await forget(task, options);
        return { artifact, outcome };
      } finally {
        await uploader.discard();
      }
    }),
  );
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

function checkKey(task: StageTask, storyId: string): void {
  const { key, ...recipe } = task;
  if (task.inputs.some((input: unknown) => typeof input === 'string')) {
    throw new PipelineError(
      'RELEASE_MISMATCH',
      `the task names its inputs as releases before commit 36f3371 did; it is handed back until a worker of such a release takes it. Without one, \`shotline cancel --force ${storyId}\` and render again`,
      { details: { stage: task.stage } },
    );
  }
  const expected = taskKey(recipe);
  const version = stages[task.stage].version;
  if (task.stageVersion !== version) {
    throw new PipelineError(
      'RELEASE_MISMATCH',
      `the task is for version ${task.stageVersion} of stage ${task.stage}, this worker has version ${version}; it is handed back until a worker of the release that planned the story takes it`,
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

function finished(
  artifact: ArtifactRef,
  run: Partial<Outcome & Pick<StageProgress, 'shrink'>> & Pick<StageResult, 'startedMs' | 'attempt' | 'cacheHit'>,
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
