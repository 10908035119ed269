import { access, constants, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { downloadVerified } from '../../storage/verified-download.ts';
import { makePrivateFolder } from '../../storage/whole-file.ts';
import { AbsentError, UsageError } from '../shell/cli-errors.ts';
import type { Terminal } from '../shell/terminal.ts';
import { byteSize } from '../shell/time-format.ts';
import { harmlessText } from '../../errors/harmless-text.ts';

/** Rights of a file that a user asked for, before the mask of the process. */
const userFileMode = 0o666;
/** Where lines cannot be redrawn, a long download speaks this often. */
const noteEveryMs = 5_000;

/**
 * Where a file is saved: at the path that was asked for, or inside it when that is a folder; without one, under its own name in
 * the present folder.
 *
 * @throws UsageError when the path has another ending than the file: a film is an MP4, whatever it is called.
 */
export async function pathFor(asked: string | undefined, ownName: string): Promise<string> {
  if (asked === undefined) return ownName;
  const isFolder = /[\\/]$/.test(asked) || ((await stat(asked).catch(() => null))?.isDirectory() ?? false);
  if (isFolder) return join(asked, ownName);
  const [ending, wanted] = [endingOf(ownName), endingOf(asked)];
  if (wanted !== '' && wanted.toLowerCase() !== ending) {
    throw new UsageError(
      `${asked} cannot be written: the file is ${ending.slice(1).toUpperCase()}; name it ${basename(ownName)} or ${asked.slice(0, -wanted.length)}${ending}`,
    );
  }
  return wanted === '' ? `${asked}${ending}` : asked;
}

/** Finds out before the work begins that the film could not be saved so. @throws UsageError. */
export async function checkSave({
  save,
  detach,
}: {
  readonly save?: string;
  readonly detach?: boolean;
}): Promise<void> {
  if (save === undefined) return;
  if (detach === true) {
    throw new UsageError(
      '--detach leaves before there is a film to save; leave out one of --detach and --save, or fetch the film later: shotline get',
    );
  }
  await prepareFolder(dirname(await pathFor(save, 'film.mp4')));
}

/** Makes a folder that files are saved in. @throws UsageError when it cannot be made or written. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await makePrivateFolder(folder);
    await access(folder, constants.W_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`nothing can be saved in ${folder} (${reason}); name another place`);
  }
}

function endingOf(path: string): string {
  return /\.[^.\\/]{1,5}$/.exec(path)?.[0] ?? '';
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
  await prepareFolder(dirname(file));
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
