import { makePreview } from '../../media/preview.ts';
import type { PreviewTask } from '../../story/plan/task.ts';
import type { CpuWork } from './cpu-work.ts';

/**
 * A film as a small moving picture: a GIF or a WebP.
 * @throws PipelineError `MEDIA_FAILED` with the file of a piece that cannot be used; `RESOURCE_DISK`.
 */
export const drawPreview: CpuWork<PreviewTask> = async ({ params }, { inputFiles, outputFile }, progress) => {
  await makePreview(inputFiles, outputFile, {
    ...params,
    onFrame: (done) => {
      progress(done, params.frames);
    },
  });
};
