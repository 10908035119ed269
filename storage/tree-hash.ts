import type { Hash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Adds names and contents of all code in some folders of `root` to a hash, in an order of its own; tests do not count. */
export async function hashCode(hash: Hash, root: string, folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    const entries = await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []);
    const files = entries
      .filter((entry) => entry.isFile() && /\.(ts|js|mjs|json)$/.test(entry.name) && !entry.name.includes('.test.'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    const contents = await Promise.all(files.map((file) => readFile(file)));
    for (const [index, content] of contents.entries()) {
      hash
        .update(files[index]?.slice(root.length) ?? '')
        .update('\0')
        .update(content);
    }
  }
}

/** The rooms of a checkout (`rooms.json`), each with those that it may use. */
export type Rooms = Readonly<Record<string, readonly string[]>>;

/** Reads the list of rooms in `root`. */
export async function readRooms(root: string): Promise<Rooms> {
  return z.record(z.string(), z.array(z.string())).parse(JSON.parse(await readFile(join(root, 'rooms.json'), 'utf8')));
}

/** The top-level folders that the code of some rooms can reach, theirs included, in alphabetical order. */
export function reachedFolders(rooms: Rooms, from: readonly string[]): readonly string[] {
  const reached = new Set<string>();
  const visit = (place: string): void => {
    const folder = place.split('/')[0] ?? place;
    if (reached.has(folder)) return;
    reached.add(folder);
    for (const [room, used] of Object.entries(rooms)) if (room.split('/')[0] === folder) used.forEach(visit);
  };
  from.forEach(visit);
  return [...reached].sort();
}
