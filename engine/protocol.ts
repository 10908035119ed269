import type { ModelRole } from '../story/models/model-set.ts';
import type { StageTask } from '../story/plan/task.ts';

/**
 * What a worker (parent) and its engine (forked child) say to each other over Node's IPC channel. Tensors never travel in
 * messages: they are files in a scratch folder that the parent owns.
 */

/** A graph of a package folder that was verified. */
export interface LocalGraph {
  readonly dir: string;
  readonly graph: string;
}

/** Parent to engine. `run`, `warm` and `prove` are jobs: one at a time, each with one answer. */
export type EngineCommand =
  | {
      readonly kind: 'run';
      readonly jobId: string;
      readonly task: StageTask;
      /** Verified local folder of each model package, by role. */
      readonly packageDirs: Readonly<Record<string, string>>;
      /** Local files of the input artifacts, in task order. */
      readonly inputFiles: readonly string[];
      /** Where the engine writes its output artifact. */
      readonly outputFile: string;
      /** A checkpoint to resume from, or `null`. */
      readonly checkpointFile: string | null;
      /** Folder for checkpoints; the engine writes `checkpoint-<step>.safetensors` there and reports each. */
      readonly scratchDir: string;
      /** Write a checkpoint every so many steps; 0 never. */
      readonly checkpointEvery: number;
      /** Retry level: 0 normal, each level halves the frames per model call. */
      readonly shrink: number;
    }
  | {
      /** Opens graphs before a task needs them, the most needed first, while there is room. What cannot be opened is logged. */
      readonly kind: 'warm';
      readonly jobId: string;
      readonly graphs: readonly LocalGraph[];
    }
  | {
      /** Shows that the device computes, as real jobs would have it. */
      readonly kind: 'prove';
      readonly jobId: string;
    }
  | { readonly kind: 'cancel'; readonly jobId: string }
  /** Asks an idle engine whether it is there. */
  | { readonly kind: 'ping' };

/** Engine to parent. */
export type EngineEvent =
  | { readonly kind: 'ready' }
  | { readonly kind: 'pong' }
  | {
      readonly kind: 'progress';
      readonly jobId: string;
      readonly unit: 'step' | 'frame';
      readonly done: number;
      readonly of: number;
    }
  | { readonly kind: 'checkpoint'; readonly jobId: string; readonly step: number; readonly file: string }
  | {
      readonly kind: 'done';
      readonly jobId: string;
      readonly busyMs: number;
      readonly resumedFromStep: number;
      readonly peakBytes: number;
      /** The graphs that the job has asked for, in that order. */
      readonly graphs: readonly { readonly role: ModelRole; readonly graph: string }[];
    }
  | { readonly kind: 'cancelled'; readonly jobId: string }
  | {
      readonly kind: 'failed';
      readonly jobId: string;
      readonly code: string;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };
