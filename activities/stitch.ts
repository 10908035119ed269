import { stitchSegments } from '../media/stitch.ts';
import type { FilmTask } from '../story/task.ts';
import type { StageRequest, StageResult } from './contracts.ts';
import { type EditOptions, runEditStage } from './edit-stage.ts';

/**
 * All segments of a film to one MP4, by remux.
 * @throws PipelineError `ARTIFACT_MISSING` or `ARTIFACT_CORRUPT` with the key of a lost segment, `MEDIA_FAILED`,
 * `RESOURCE_DISK`, `STORAGE_*`.
 */
export function stitchFilm(options: EditOptions, request: StageRequest<FilmTask>): Promise<StageResult> {
  const { inputs, params } = request.task;
  return runEditStage(options, request, async (job, output) => {
    const segments = await job.fetch('segment', inputs);
    await stitchSegments({
      segments,
      output,
      expectedFrames: params.frames,
      onSegment: (done) => {
        job.progress(Math.floor((params.frames * done) / segments.length), params.frames);
      },
    });
  });
}
