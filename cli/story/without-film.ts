import { AbsentError } from '../../client/absent-error.ts';

/** The error for a story without a film: one that runs will have it, the others need a new start. */
export function withoutFilm(id: string, state: string): AbsentError {
  if (state === 'RUNNING') return new AbsentError(`${id} has no film yet; \`shotline watch ${id}\` waits for it`);
  const ended = state === 'CANCELLED' ? 'was cancelled' : state === 'FAILED' ? 'failed' : 'ended';
  return new AbsentError(`${id} ${ended} and has no film; render its script again, which goes on with what was made`);
}
