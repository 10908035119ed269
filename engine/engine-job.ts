import type { ModelManifest } from '../story/models/model-manifest.ts';
import type { ModelRole } from '../story/models/model-set.ts';
import type { StageName, StageTask } from '../story/plan/task.ts';
import type { Graph } from './graph.ts';

/** Thrown inside the engine to unwind a job that the worker no longer wants. It is not a failure. */
export class EngineCancelled extends Error {
  constructor() {
    super('the worker cancelled this job');
    this.name = 'EngineCancelled';
  }
}

/** What a pipeline has at the end of a denoising step. */
export interface StepDone {
  /** Steps that are finished, counted from the start of the clip and not from a resume. */
  readonly done: number;
  readonly of: number;
  /** Encodes the state that the next step needs; called only when a checkpoint is written. */
  readonly state: () => Uint8Array;
}

/**
 * What the engine lends to a pipeline for one task: models, files, and a line to the worker. Tensors travel as files in
 * `scratchDir`, which the worker made and will remove.
 */
export interface EngineJob {
  /** Input artifacts as local files, in the order the task documents. */
  readonly inputFiles: readonly string[];
  /** Where the pipeline writes its artifact; it does not exist before. */
  readonly outputFile: string;
  /** Checkpoint of an earlier attempt, or `null`. */
  readonly checkpointFile: string | null;
  /** Folder for checkpoints and temporary files of this job. */
  readonly scratchDir: string;
  /** Steps between two checkpoints; 0 writes one only when the job is cancelled. */
  readonly checkpointEvery: number;
  /** Retry level after an out-of-memory: 0 normal, each level halves the frames per model call. */
  readonly shrink: number;

  /** A graph of the package in that role. The handle stays valid when the cache closes and reopens the session behind it. */
  graphs(role: ModelRole, graph: string): Promise<Graph>;
  /** The manifest of the package in that role. Throws `MODEL_INVALID` when the task has no package in it. */
  manifest(role: ModelRole): ModelManifest;
  /** The verified local folder of the package in that role. */
  packageDir(role: ModelRole): string;

  /** Tells the worker how far the job is; becomes the activity's heartbeat. */
  progress(unit: 'step' | 'frame', done: number, of: number): void;
  /** Says from which step the job went on; without this call the result says 0. */
  resumed(step: number): void;
  /** Lets waiting messages in, then throws {@link EngineCancelled} when one of them was a cancel. */
  throwIfCancelled(): Promise<void>;
  /**
   * The end of a step in one call: reports progress, lets messages in, writes `checkpoint-<done>.safetensors` when one is
   * due or the job is cancelled, and then throws {@link EngineCancelled} in the latter case. So a cancelled job always
   * leaves its last step behind.
   */
  stepDone(step: StepDone): Promise<void>;
}

/** The work of one stage inside the engine. */
export type Pipeline<T extends StageTask> = (task: T, job: EngineJob) => Promise<void>;

/** The pipelines of one pool, by stage. */
export type Pipelines = { readonly [S in StageName]?: Pipeline<Extract<StageTask, { stage: S }>> };
