import { readFile } from 'node:fs/promises';
import { denoise, type Denoiser, type DenoiseSettings, type DenoiseState } from '../../diffusion/denoise.ts';
import type { Shape, Tensor } from '../../tensor/tensor.ts';
import { decodeCheckpoint, encodeCheckpoint } from './clip-files.ts';
import type { EngineJob } from '../../engine/engine-job.ts';

/** One denoising loop of a task. */
export interface ResumedRun {
  /** Key of the task, which its checkpoints carry. */
  readonly key: string;
  /** Of the latents, `[1, C, F, h, w]`. */
  readonly shape: Shape;
  readonly settings: DenoiseSettings;
  readonly denoiser: Denoiser;
  /** The latents before the first step; asked for only where no checkpoint is good. */
  readonly first: () => Tensor;
}

/**
 * Denoises from the job's checkpoint where there is a good one, and ends every step with {@link EngineJob.stepDone}.
 *
 * @returns Latents of the run's shape.
 * @throws PipelineError `NUMERIC_INVALID`, and what the denoiser throws; `EngineCancelled` after a cancel.
 */
export async function denoiseResumed(job: EngineJob, run: ResumedRun): Promise<Tensor> {
  const { key, settings, denoiser } = run;
  let state: DenoiseState = (await storedState(job, run)) ?? { done: 0, latents: run.first(), kept: [] };
  for await (state of denoise(denoiser, settings, state)) {
    const reached = state;
    const { done } = reached;
    await job.stepDone({ done, of: settings.steps.length, state: () => encodeCheckpoint(key, reached) });
  }
  return state.latents;
}

/** The state of the job's checkpoint, if it has a good one. */
async function storedState(job: EngineJob, { key, shape, settings }: ResumedRun): Promise<DenoiseState | null> {
  if (job.checkpointFile === null) return null;
  const stored = decodeCheckpoint(await readFile(job.checkpointFile), key, shape, settings);
  if (stored !== null) job.resumed(stored.done);
  return stored;
}
