import type { StageName } from './task.ts';

/** An artifact that lies in S3, verified. */
export interface ArtifactRef {
  readonly key: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Where a task runs in the story, for logs, metrics and the Temporal UI; not part of any key. */
export interface TaskContext {
  /** Workflow id of the story. */
  readonly storyId: string;
  /** `shot dawn`, `join dawn+storm` or `film`. */
  readonly item: string;
}

/** Input of every stage activity. */
export interface StageRequest<Task> {
  readonly task: Task;
  readonly context: TaskContext;
}

/** What running a stage cost. Times are Unix milliseconds. */
export interface StageResult {
  readonly artifact: ArtifactRef;
  /** The artifact was there already; nothing was computed. */
  readonly cacheHit: boolean;
  readonly startedMs: number;
  readonly endedMs: number;
  /** Milliseconds that the engine computed for it, of this attempt. */
  readonly busyMs: number;
  /** Which step the attempt resumed from; 0 when from the start. */
  readonly resumedFromStep: number;
  readonly attempt: number;
  /** Peak resident memory of the engine, bytes; 0 on a cache hit. */
  readonly peakBytes: number;
  /** Memory level it was made at, when not 0: each level halves the frames per model call. */
  readonly shrink?: number;
}

/** One stage run of the story, for the manifest. */
export interface TaskRun {
  readonly item: string;
  readonly stage: StageName;
  readonly result: StageResult;
}

/** Heartbeat details of a stage activity. */
export interface StageProgress {
  /** What is being counted: `step` or `frame`. */
  readonly unit: 'step' | 'frame';
  readonly done: number;
  readonly of: number;
  /** Memory level for the next attempt, when not 0. */
  readonly shrink?: number;
  /** How often the task has failed for want of memory, when not 0. */
  readonly setbacks?: number;
  /** How often it has failed on which worker, in ways that may be the worker's fault; absent when never. */
  readonly failedOn?: Readonly<Record<string, number>>;
  /** How often in a row a worker that it failed on has left it to another one, when not 0. */
  readonly leftTo?: number;
}

/** Failure detail of `ARTIFACT_MISSING` and `ARTIFACT_CORRUPT`: the key that must be made again. */
export interface LostArtifact {
  readonly key: string;
}
