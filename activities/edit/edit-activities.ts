import type { EditActivities } from '../contracts.ts';
import { dissolveClips } from './dissolve.ts';
import type { EditOptions } from '../stage/edit-stage.ts';
import { publishFilm } from './publish.ts';
import { stitchFilm } from './stitch.ts';

/** The activities of the CPU pool. They keep nothing between calls. */
export function createEditActivities(options: EditOptions): EditActivities {
  return {
    dissolveClips: (request) => dissolveClips(options, request),
    stitchSegments: (request) => stitchFilm(options, request),
    publishFilm: (request) => publishFilm(options, request),
  };
}
