import type { PublishActivities } from '../contracts.ts';
import type { DissolveTask, FilmTask } from '../../story/plan/task.ts';
import type { StageRequest, StageResult } from '../../story/plan/task-run.ts';
import { dissolveClips } from './dissolve.ts';
import type { EditOptions } from '../stage/edit-stage.ts';
import { publishFilm } from './publish.ts';
import { stitchFilm } from './stitch.ts';

/** The activities of the CPU pool. */
export interface EditActivities extends PublishActivities {
  /** A cross-fade between two clips. */
  dissolveClips(request: StageRequest<DissolveTask>): Promise<StageResult>;
  /** All segments to one film, without re-encoding. */
  stitchSegments(request: StageRequest<FilmTask>): Promise<StageResult>;
}

/** The activities of the CPU pool. They keep nothing between calls. */
export function createEditActivities(options: EditOptions): EditActivities {
  return {
    dissolveClips: (request) => dissolveClips(options, request),
    stitchSegments: (request) => stitchFilm(options, request),
    publishFilm: (request) => publishFilm(options, request),
  };
}
