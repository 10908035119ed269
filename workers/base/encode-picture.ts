import { PipelineError } from '../../errors/pipeline-error.ts';
import { mirrored, partOfShape } from '../../media/frame-part.ts';
import type { PictureTask } from '../../story/plan/task.ts';
import { axesOf, Tensor } from '../../tensor/tensor.ts';
import { writeLatents } from '../sampling/clip-files.ts';
import { encodeFrame, fitPicture, readUpload } from '../sampling/picture-latents.ts';
import type { Pipeline } from '../../engine/engine-job.ts';

/**
 * A picture to the latents of one frame: the largest part of the shape that the film shows, in its middle or by the shot's focus, scaled to the place in
 * the clip that it shows (triangle filter), pixels in −1 … 1, through the VAE's encoder. Around it the clip mirrors it: nobody
 * sees that, and the model has no edge to go on with.
 */
export const runPicture: Pipeline<PictureTask> = async (task, job) => {
  const { picture: key, width, height, shown } = task.params;
  const [file] = job.inputFiles;
  if (file === undefined) throw new PipelineError('INTERNAL', 'a picture task has no input file; it needs the upload');
  const size = { width, height };
  const part =
    shown === undefined ? { left: 0, top: 0, ...size } : partOfShape(size, shown, { focus: shown.focus, even: false });
  const data = mirrored(fitPicture(await readUpload(file), part.width, part.height, shown?.focus), part, size);
  const { shape, data: latents } = await encodeFrame(job, new Tensor([1, 3, height, width], data), key);
  const [one, channels, ...sides] = axesOf({ shape }, 4);
  await writeLatents(job.outputFile, new Tensor([one, channels, 1, ...sides], latents));
};
