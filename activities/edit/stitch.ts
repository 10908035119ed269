import { remuxSegments } from '../../media/stitch.ts';
import type { FilmTask } from '../../story/plan/task.ts';
import type { CpuWork } from './cpu-work.ts';

/**
 * All segments of a film to one MP4, by remux.
 * @throws PipelineError `MEDIA_FAILED`, with the file of a segment that cannot be used; `RESOURCE_DISK`.
 */
export const stitchFilm: CpuWork<FilmTask> = async ({ params }, { inputFiles, outputFile }, progress) => {
  await remuxSegments({
    segments: inputFiles,
    output: outputFile,
    expectedFrames: params.frames,
    onSegment: (done) => {
      progress(Math.floor((params.frames * done) / inputFiles.length), params.frames);
    },
  });
};
