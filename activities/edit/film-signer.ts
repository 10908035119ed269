import type { CredentialSettings } from '../../credentials/config.ts';
import { type FilmClaim, signFilm } from '../../credentials/content-credentials.ts';
import type { FilmKind } from '../../storage/film-store.ts';
import { clipTasks, segmentTasks } from '../../story/plan/task-list.ts';
import { isMade, type StoryPlan } from '../../story/plan/plan.ts';

/** With what films are signed. */
export interface SigningOptions {
  /** Absent or `null`: they are not. */
  readonly credentials?: CredentialSettings | null;
  /** Release of Shotline. */
  readonly version?: string;
}

/** Signs a file of a film in its place, or does nothing. */
export type Sign = (file: string, kind: FilmKind) => Promise<void>;

/**
 * What signs the files of a story. A signature differs each time, so it is made here and not in an artifact: what lies in the cache stays unsigned and
 * reproducible.
 */
export function signerOf(
  { credentials = null, version = '0' }: SigningOptions,
  { title, film, shots }: StoryPlan,
): Sign {
  if (credentials === null) return () => Promise.resolve();
  const packages = shots.flatMap((shot) => [...clipTasks(shot), ...segmentTasks(shot)].map((task) => task.packages));
  const claim = {
    title,
    version,
    film: film.key,
    models: Object.assign({}, ...packages) as FilmClaim['models'],
    // A clip of one's own is no work of models, and what it is made of is not known here.
    shots: shots.filter(isMade).map(({ id, base, prompt }) => ({ id, key: base.key, prompt, seed: base.params.seed })),
  };
  return async (file, kind) => {
    await signFilm(file, kind === 'mov' ? 'video/quicktime' : 'video/mp4', claim, credentials);
  };
}
