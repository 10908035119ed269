import { PipelineError } from '../../errors/pipeline-error.ts';
import type { PictureTask } from '../../story/plan/task.ts';
import { axesOf, Tensor } from '../../tensor/tensor.ts';
import { writeLatents } from '../sampling/clip-files.ts';
import { encodeFrame, fitPicture, readUpload } from '../sampling/picture-latents.ts';
import type { Pipeline } from '../../engine/engine-job.ts';

/**
 * A picture to the latents of one frame: the largest part of the clip's shape in its middle, scaled to the clip's size
 * (triangle filter), pixels in −1 … 1, through the VAE's encoder.
 */
export const runPicture: Pipeline<PictureTask> = async (task, job) => {
  const { picture: key, width, height } = task.params;
  const [file] = job.inputFiles;
  if (file === undefined) throw new PipelineError('INTERNAL', 'a picture task has no input file; it needs the upload');
  const data = fitPicture(await readUpload(file), width, height);
  const { shape, data: latents } = await encodeFrame(job, new Tensor([1, 3, height, width], data), key);
  const [one, channels, ...sides] = axesOf({ shape }, 4);
  await writeLatents(job.outputFile, new Tensor([one, channels, 1, ...sides], latents));
};
