import { initialState, type DenoiseSettings } from '../../diffusion/denoise.ts';
import { reinitialise } from '../../diffusion/freeinit.ts';
import { gatherFrames } from '../../diffusion/latent-frames.ts';
import { rescheduleNoise } from '../../diffusion/noise-rescheduling.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { BaseTask, CompletionTask, FreeInitIteration, InterpTask, TransitionTask } from '../../story/plan/task.ts';
import type { Shape, Tensor } from '../../tensor/tensor.ts';

/** A task that denoises a clip. */
export type ClipTask = BaseTask | CompletionTask | TransitionTask | InterpTask;

/**
 * Pure noise of a clip: of one window, spread over the clip, with FreeNoise; else of the whole clip. Every iteration of
 * FreeInit spreads its noise in the same order.
 *
 * @param shape `[1, C, F, h, w]`
 */
export function clipNoise({ params, stage }: ClipTask, shape: Shape, random: DenoiseSettings['random']): Tensor {
  const { freenoise, frames, seed } = params;
  if (freenoise === undefined || freenoise.noise === 'random') return initialState(shape, random).latents;
  const ofWindow = initialState([...shape.slice(0, 2), freenoise.length, ...shape.slice(3)], random);
  if (freenoise.noise === 'repeat') {
    return gatherFrames(
      ofWindow.latents,
      Array.from({ length: frames }, (_, frame) => frame % freenoise.length),
    );
  }
  return rescheduleNoise(ofWindow.latents, frames, freenoise.stride, { seed, stream: `${stage}/shuffle` });
}

/** The later iteration of FreeInit that a task is; `undefined` for any other. */
export function iterationOf(task: ClipTask): FreeInitIteration | undefined {
  return task.stage === 'base' ? task.params.freeinit : undefined;
}

/** Stream of a task's random numbers: of its stage, or of its iteration. */
export function streamOf(task: ClipTask): string {
  const iteration = iterationOf(task)?.iteration;
  return iteration === undefined ? task.stage : `${task.stage}/freeinit/${iteration}`;
}

/**
 * The latents that a task's steps begin with. For a later iteration of FreeInit `before` is the result of the iteration
 * before, and `alphaBar` says how far that is noised.
 *
 * @throws PipelineError `INTERNAL` when an iteration has none before it.
 */
export function firstLatents(
  task: ClipTask,
  shape: Shape,
  { before, alphaBar }: { readonly before: Tensor | undefined; readonly alphaBar: number },
): Tensor {
  const { seed } = task.params;
  const fresh = clipNoise(task, shape, { seed, stream: streamOf(task) });
  const iteration = iterationOf(task);
  if (iteration === undefined) return fresh;
  if (before === undefined) {
    throw new PipelineError('INTERNAL', `iteration ${iteration.iteration} of FreeInit has no iteration before it`);
  }
  const { filter: kind, order, spatial, temporal } = iteration;
  return reinitialise({
    clip: before,
    first: clipNoise(task, shape, { seed, stream: task.stage }),
    fresh,
    alphaBar,
    filter: { kind, spatial, temporal, ...(order === undefined ? {} : { order }) },
  });
}
