import { PipelineError } from '../../errors/pipeline-error.ts';
import { drawOver } from '../../media/draw-over.ts';
import type { BurnTask } from '../../story/plan/task.ts';
import { captionPicture } from '../../words/caption-picture.ts';
import type { CpuWork } from './cpu-work.ts';

/**
 * A segment with its captions in the pictures.
 * @throws PipelineError `MEDIA_FAILED`, with the file of a segment that cannot be used; `RESOURCE_DISK`.
 */
export const burnCaptions: CpuWork<BurnTask> = async ({ params }, { inputFiles, outputFile }, progress) => {
  const [segment] = inputFiles;
  if (segment === undefined)
    throw new PipelineError('INTERNAL', 'Captions came without the segment that they lie over');
  const { cues, frames } = params;
  await drawOver(segment, outputFile, {
    frames,
    overlays: cues.map(({ from, until, text }) => ({ from, until, picture: captionPicture(text, params) })),
    onFrame: (done) => {
      progress(done, frames);
    },
  });
};
