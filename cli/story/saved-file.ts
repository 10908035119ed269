import { rm, stat, writeFile } from 'node:fs/promises';
import { dirname, extname, join, parse } from 'node:path';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { downloadVerified } from '../../storage/verified-download.ts';
import { makeFolder, partialOf } from '../../storage/whole-file.ts';
import { AbsentError } from '../../client/absent-error.ts';
import { UsageError } from '../shell/cli-errors.ts';
import type { Terminal } from '../shell/terminal.ts';
import { byteSize } from '../shell/time-format.ts';
import { harmlessText } from '../../errors/harmless-text.ts';

/** Rights of a file that a user asked for, before the mask of the process. */
const userFileMode = 0o666;
/** Where lines cannot be redrawn, a long download speaks this often. */
const noteEveryMs = 5_000;

/** Endings of files that a film or what lies beside it could be taken for. */
const knownEnding = /\.(mp4|m4v|mov|m4a|mkv|avi|webm|gif|jpe?g|png|webp|json|vtt|srt|otio[zd]?|edl)$/i;

/**
 * Where a file is saved: at the path that was asked for, or inside it when that is a folder; without one, under its own name in
 * the present folder. Where only a folder was said and something has that name already, the end of the story's id tells them apart: films of one
 * title do not replace each other.
 *
 * @param id Of the story; absent: a file of that name is replaced.
 * @throws UsageError when the path has the ending of another kind (a film is an MP4, or with ProRes a MOV, whatever it is called), or is no place for a file.
 */
export async function pathFor(asked: string | undefined, ownName: string, id?: string): Promise<string> {
  if (asked === undefined) return toldApart(ownName, id);
  if (asked === '' || asked === '-') {
    throw new UsageError(`-o is ${JSON.stringify(asked)}; it names a file or a folder, such as ${ownName}`);
  }
  const found = await stat(asked).catch(() => null);
  if (/[\\/]$/.test(asked) || found?.isDirectory() === true) return toldApart(join(asked, ownName), id);
  if (found?.isFile() === false) throw new UsageError(`${asked} is no file and no folder; name another place`);
  const [ending, wanted] = [extname(ownName), knownEnding.exec(asked)?.[0] ?? ''];
  if (wanted !== '' && wanted.toLowerCase() !== ending) {
    const better = `${asked.slice(0, -wanted.length)}${ending}`;
    throw new UsageError(`${asked} cannot be written: the file is ${ending.slice(1).toUpperCase()}; name it ${better}`);
  }
  return wanted === '' ? `${asked}${ending}` : asked;
}

async function toldApart(file: string, id: string | undefined): Promise<string> {
  const isTaken = id !== undefined && (await stat(file).catch(() => null)) !== null;
  const { dir, name, ext } = parse(file);
  return isTaken ? join(dir, `${name}-${id.slice(-6)}${ext}`) : file;
}

/** Finds out before the work begins that the film could not be saved so. @throws UsageError. */
export async function checkSave(
  { save, detach }: { readonly save?: string; readonly detach?: boolean },
  ownName = 'film.mp4',
): Promise<void> {
  if (save === undefined) return;
  if (detach === true) {
    throw new UsageError(
      '--detach leaves before there is a film to save; leave out one of --detach and --save, or fetch the film later: shotline get',
    );
  }
  await proveSavable(await pathFor(save, ownName));
}

/** Makes the folder of a file, and sees that the file can be written. @throws UsageError. */
async function proveSavable(file: string): Promise<void> {
  await prepareFolder(dirname(file));
  const trial = partialOf(file);
  try {
    await writeFile(trial, '', { flag: 'wx' });
  } catch (error) {
    throw notSavable(file, error);
  } finally {
    await rm(trial, { force: true }).catch(() => undefined);
  }
}

/** Makes a folder that files are saved in. @throws UsageError when it cannot be made. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    throw notSavable(folder, error);
  }
}

function notSavable(place: string, error: unknown): UsageError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UsageError(`${place} cannot be written (${reason}); name another place`);
}

/**
 * Saves an object as a file, whole or not at all, and checks its sha256 on the way. An old file is replaced.
 *
 * @throws AbsentError when the object is gone, PipelineError `STORAGE_*`, `ARTIFACT_CORRUPT`.
 */
export async function saveObject(
  objects: ObjectStore,
  key: string,
  file: string,
  { terminal, quiet }: { readonly terminal: Terminal; readonly quiet: boolean },
): Promise<void> {
  await proveSavable(file);
  let saidMs = Date.now();
  const tell = (done: number, of: number): void => {
    if (quiet || Date.now() - saidMs < (terminal.interactive ? 100 : noteEveryMs)) return;
    saidMs = Date.now();
    const line = `${file}: ${byteSize(done)} of ${byteSize(of)}`;
    if (terminal.interactive) terminal.draw(`\r\u001b[K${harmlessText(line).slice(0, terminal.columns() - 1)}`);
    else terminal.note(line);
  };
  const download = await downloadVerified(objects, key, file, { mode: userFileMode, onBytes: tell });
  if (terminal.interactive && !quiet) terminal.draw('\r\u001b[K');
  if (download.state === 'missing') {
    throw new AbsentError(
      `${key} is no more in bucket ${objects.bucket}; render the story again, which publishes it anew`,
    );
  }
  if (download.state === 'corrupt') {
    const next = 'render the story again, which publishes it anew';
    throw new PipelineError('ARTIFACT_CORRUPT', `${key} is not what was published: ${download.reason}; ${next}`);
  }
}
