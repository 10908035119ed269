import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Files and folders of the cache. They are for the owner alone: on a machine of many users they hold keys, other people's
 * films, and code that is run.
 */
const folderMode = 0o700;

/** Rights of a file in the cache: its owner's, and nobody else's. */
export const privateFileMode = 0o600;

/** Makes a folder and those above it that are missing, for the owner alone. One that is there keeps its rights. */
export function makePrivateFolder(dir: string): Promise<void> {
  return makeFolder(dir, folderMode);
}

/** Makes a folder and those above it that are missing, with the rights that the process gives its files. */
export async function makeFolder(dir: string, mode = 0o777): Promise<void> {
  // One step after the other: where nothing can be made and nobody says so, as under /proc, Node's own `recursive` never ends.
  const refusal = await makeOne(dir, mode);
  if (refusal === null) return;
  if (refusal.code !== 'ENOENT' || dirname(dir) === dir) throw refusal;
  await makeFolder(dirname(dir), mode);
  const again = await makeOne(dir, mode);
  if (again !== null) throw again;
}

/** `null` when the folder is there now. */
async function makeOne(dir: string, mode: number): Promise<NodeJS.ErrnoException | null> {
  try {
    await mkdir(dir, { mode });
    return null;
  } catch (error) {
    const found = await stat(dir).catch(() => null);
    return found?.isDirectory() === true ? null : (error as NodeJS.ErrnoException);
  }
}

/** A name beside `path` that no other process uses: what is made there appears at `path` by rename, whole or not at all. */
export const partialOf = (path: string): string => `${path}.${randomUUID()}.part`;

/**
 * Writes a file, and its folder when that is missing, for the owner alone. Readers see the former content or the new one.
 * The bytes are on the disk before the name is, so that a power cut does not leave an empty file under it.
 */
export async function writeWholeFile(file: string, content: string | Uint8Array): Promise<void> {
  await makePrivateFolder(dirname(file));
  const partial = partialOf(file);
  try {
    await writeFile(partial, content, { mode: privateFileMode, flush: true });
    await rename(partial, file);
  } finally {
    await rm(partial, { force: true });
  }
}
