import { knownOfTransition, restoreKnown, seineCondition } from '../../diffusion/seine-mask.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { BaseTask, TransitionTask } from '../../story/task.ts';
import { readLatents, writeLatents } from '../clip-files.ts';
import { latentShape, sampleClip } from '../clip-sampling.ts';
import type { Pipeline } from '../session/engine-job.ts';

/** Text to a clip of latents. */
export const runBase: Pipeline<BaseTask> = async (task, job) => {
  await writeLatents(job.outputFile, await sampleClip(task, job, null));
};

/**
 * The clip between two shots: its ends are the last frames of the clip before and the first of the clip after, bit for bit,
 * and SEINE makes what lies between.
 */
export const runTransition: Pipeline<TransitionTask> = async (task, job) => {
  const [beforeFile, afterFile] = job.inputFiles;
  const [beforeKey, afterKey] = task.inputs;
  if (beforeFile === undefined || afterFile === undefined || beforeKey === undefined || afterKey === undefined) {
    throw new PipelineError(
      'INTERNAL',
      `a transition has ${job.inputFiles.length} input files; it needs the clip before and the clip after`,
    );
  }
  const [one, channels, frames, height, width] = latentShape(task, job);
  const shape = [one, channels, null, height, width];
  const before = await readLatents(beforeFile, beforeKey, shape);
  const after = await readLatents(afterFile, afterKey, shape);
  const known = knownOfTransition(before, after, task.params.known, frames);
  const sampled = await sampleClip(task, job, seineCondition(known));
  await writeLatents(job.outputFile, restoreKnown(sampled, known));
};
