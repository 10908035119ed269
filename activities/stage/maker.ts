import type { StageProgress } from '../../story/plan/task-run.ts';
import type { StageTask } from '../../story/plan/task.ts';
import type { Checkpoint } from './checkpoint-uploader.ts';

/** A task whose inputs are at hand. */
export interface StageJob {
  readonly task: StageTask;
  /** Local files of the inputs, in task order. */
  readonly inputFiles: readonly string[];
  /** Where the artifact is to be written; it does not exist before. */
  readonly outputFile: string;
  /** A checkpoint to resume from, or `null`. */
  readonly checkpointFile: string | null;
  /** Folder for checkpoints and temporary files; its owner removes it. */
  readonly scratchDir: string;
  /** Memory level: 0 normal, each level halves the frames per model call. */
  readonly shrink: number;
}

/** Where one listens while an artifact is made. */
export interface MakerHooks {
  /** Fires when the artifact is no longer wanted. */
  readonly signal: AbortSignal;
  /** Hears how far the work is. */
  readonly onProgress: (progress: Pick<StageProgress, 'unit' | 'done' | 'of'>) => void;
  /** Hears of a checkpoint file, which is then the listener's. */
  readonly onCheckpoint: (checkpoint: Checkpoint) => void;
}

/** What it took to make an artifact. */
export interface Outcome {
  /** Milliseconds of computing. */
  readonly busyMs: number;
  /** The step of the checkpoint that it went on from; 0 when from the start. */
  readonly resumedFromStep: number;
  /** Peak resident memory of an engine, bytes; 0 without one. */
  readonly peakBytes: number;
}

/**
 * Makes the artifact of a task from its inputs. It blames a bad input by an error with details `{ file }`, and once its signal has
 * fired it throws what stopped it, unless it has finished.
 */
export type Maker = (job: StageJob, hooks: MakerHooks) => Promise<Outcome>;
