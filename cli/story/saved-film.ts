import { stat } from 'node:fs/promises';
import { basename, parse } from 'node:path';
import { AbsentError } from '../../client/absent-error.ts';
import { withBucket } from '../../client/bucket.ts';
import { pathFor, saveObject } from './saved-file.ts';
import type { SavedFile, Saving } from './saving.ts';
import { withoutFilm } from './without-film.ts';

/** The film, and what lies beside it as one file. */
export type FilmFile = 'film' | 'poster' | 'storyboard' | 'manifest' | 'captions';

/**
 * Saves the film of a story, or what lies beside it. Captions are SRT where the file that was asked for ends so, and WebVTT otherwise.
 * @throws AbsentError when there is none; UsageError when the place cannot be written; PipelineError `STORAGE_*`, `ARTIFACT_CORRUPT`.
 */
export async function saveFilm({ cli, backend, id, save, quiet }: Saving, kind: FilmFile): Promise<SavedFile> {
  const handle = backend.story(id);
  const film = await handle.film();
  if (film === null) throw withoutFilm(id, (await handle.describe()).status.name);
  const key = film[keyOf(kind, save)];
  if (key === undefined) {
    throw new AbsentError(
      `the film of ${id} has no captions; give its shots captions (caption: …) and render it again`,
    );
  }
  const own = basename(key);
  const file = await pathFor(save, key === film.filmKey ? own : `${parse(film.filmKey).name}-${own}`, id);
  await withBucket(backend.env, (objects) => saveObject(objects, key, file, { terminal: cli.terminal, quiet }));
  return { file, bytes: (await stat(file)).size };
}

type KeyOfFilm = 'filmKey' | 'posterKey' | 'storyboardKey' | 'manifestKey' | 'captionsKey' | 'subtitlesKey';

function keyOf(kind: FilmFile, save = ''): KeyOfFilm {
  return kind === 'captions' && /\.srt$/i.test(save) ? 'subtitlesKey' : `${kind}Key`;
}
