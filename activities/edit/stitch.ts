import { remuxSegments } from '../../media/stitch.ts';
import type { FilmTask } from '../../story/plan/task.ts';
import type { StageRequest, StageResult } from '../../story/plan/task-run.ts';
import { type EditOptions, runEditStage } from '../stage/edit-stage.ts';

/**
 * All segments of a film to one MP4, by remux.
 * @throws PipelineError `ARTIFACT_MISSING` or `ARTIFACT_CORRUPT` with the key of a lost segment, `MEDIA_FAILED`,
 * `RESOURCE_DISK`, `STORAGE_*`.
 */
export function stitchFilm(options: EditOptions, request: StageRequest<FilmTask>): Promise<StageResult> {
  const { inputs, params } = request.task;
  return runEditStage(options, request, async (job, output) => {
    const segments = await job.fetch('segment', inputs);
    await remuxSegments({
      segments,
      output,
      expectedFrames: params.frames,
      onSegment: (done) => {
        job.progress(Math.floor((params.frames * done) / segments.length), params.frames);
      },
    });
  });
}
