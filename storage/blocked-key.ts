import { PipelineError } from '../errors/pipeline-error.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * Frees an object key that is a folder: on some servers (SeaweedFS) whatever lies below `<key>/` makes one of it, also when it is gone again.
 * Such a key is not there for a look and taken for a conditional write. Deletes all that lies below it, and the folders.
 *
 * @returns how many objects lay there; `denied` where the reader may not delete.
 */
export async function freeBlockedKey(
  objects: Pick<ObjectStore, 'list' | 'delete'>,
  key: string,
): Promise<number | 'denied'> {
  const root = `${key}/`;
  try {
    const below = (await objects.list(root)).map((each) => each.key);
    // The deepest first: a folder goes when it is empty. To name one that is not there does no harm.
    const names = new Set([root, ...below, ...below.flatMap((each) => foldersOf(each, root))]);
    for (const name of [...names].sort((a, b) => b.length - a.length)) await objects.delete(name);
    return below.length;
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'STORAGE_DENIED') return 'denied';
    throw error;
  }
}

/** The folders between a root and an object below it. */
function foldersOf(key: string, root: string): string[] {
  const parts = key.slice(root.length).split('/').slice(0, -1);
  return parts.map((_part, depth) => `${root}${parts.slice(0, depth + 1).join('/')}/`);
}
