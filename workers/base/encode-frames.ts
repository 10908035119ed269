import { mirrored, partOfShape } from '../../media/frame-part.ts';
import type { EncodeTask } from '../../story/plan/task.ts';
import { axesOf, Tensor } from '../../tensor/tensor.ts';
import { writeLatents } from '../sampling/clip-files.ts';
import { openClip } from '../sampling/open-clip.ts';
import { encodeFrame, fitPicture } from '../sampling/picture-latents.ts';
import type { Pipeline } from '../../engine/engine-job.ts';

/**
 * Frames of a clip of one's own to latents `[1, C, F, h, w]`, each as a picture is encoded: what the film shows of it fills the place in the
 * model's frame that the film shows of that.
 */
export const runEncode: Pipeline<EncodeTask> = async ({ key, params }, job) => {
  const { footage, of, width, height, shown } = params;
  const size = { width, height };
  const part = partOfShape(size, shown, { focus: shown.focus, even: false });
  const clip = await openClip(job.inputFiles, footage);
  try {
    let latents: Tensor | null = null;
    for (const [index, frame] of of.entries()) {
      const { data } = await clip.read(frame, 1);
      const picture = { shape: [3, clip.height, clip.width], data };
      const pixels = mirrored(fitPicture(picture, part.width, part.height, shown.focus), part, size);
      const encoded = await encodeFrame(job, new Tensor([1, 3, height, width], pixels), key);
      const [, channels, rows, columns] = axesOf(encoded, 4);
      latents ??= Tensor.zeros([1, channels, of.length, rows, columns]);
      const plane = rows * columns;
      for (let channel = 0; channel < channels; channel++) {
        const values = encoded.data.subarray(channel * plane, (channel + 1) * plane);
        latents.data.set(values, (channel * of.length + index) * plane);
      }
      job.progress('frame', index + 1, of.length);
      await job.throwIfCancelled();
    }
    if (latents !== null) await writeLatents(job.outputFile, latents);
  } finally {
    await clip.close();
  }
};
