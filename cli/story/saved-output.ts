import { stat } from 'node:fs/promises';
import { basename, join, parse } from 'node:path';
import { withBucket } from '../../client/bucket.ts';
import { UsageError } from '../shell/cli-errors.ts';
import { pathFor, saveObject } from './saved-file.ts';
import type { SavedFile, Saving } from './saving.ts';
import { withoutFilm } from './without-film.ts';

/**
 * Saves a further file of a story; a stream is a folder of files, which any web server can serve.
 * @throws UsageError when the story has no such output, or the place cannot be written; AbsentError, PipelineError `STORAGE_*`.
 */
export async function saveOutput({ cli, backend, id, save, quiet }: Saving, name: string): Promise<SavedFile[]> {
  const handle = backend.story(id);
  const film = await handle.film();
  if (film === null) throw withoutFilm(id, (await handle.describe()).status.name);
  const { outputs = [] } = film;
  const found = outputs.find((output) => output.name === name);
  if (found === undefined) {
    const known = outputs.length === 0 ? 'it has none' : `it has ${outputs.map((output) => output.name).join(', ')}`;
    throw new UsageError(`${id} has no output ${JSON.stringify(name)}; ${known} (outputs: … in the script)`);
  }
  const folder = found.key.slice(0, found.key.lastIndexOf('/') + 1);
  return withBucket(backend.env, async (objects) => {
    const listed = found.stream === true ? (await objects.list(folder)).map(({ key }) => key) : [found.key];
    // What is signed works for a week, and where it lies alone.
    const keys = listed.filter((key) => !basename(key).startsWith('signed-'));
    const files: SavedFile[] = [];
    for (const key of keys) {
      const place = found.stream === true ? join(save ?? `${parse(film.filmKey).name}-${name}`, basename(key)) : null;
      const file = place ?? (await pathFor(save, basename(key), id));
      await saveObject(objects, key, file, { terminal: cli.terminal, quiet });
      files.push({ file, bytes: (await stat(file)).size });
    }
    return files;
  });
}
