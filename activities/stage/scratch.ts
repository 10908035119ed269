import { ownFolder, sweepFolders } from '../../storage/owned-folder.ts';

/** Folders for the files of running tasks. Each belongs to its worker for as long as that lives, on a shared disk too. */

const prefix = 'task-';

/** Lends a fresh folder to `use`; it is gone when `use` has settled, whatever happened. */
export async function withScratch<Result>(root: string, use: (dir: string) => Promise<Result>): Promise<Result> {
  const folder = await ownFolder(root, prefix);
  try {
    return await use(folder.dir);
  } finally {
    await folder.remove();
  }
}

/** Removes the folders of dead workers and returns how many there were. */
export async function sweepScratch(root: string): Promise<number> {
  return sweepFolders(root, prefix);
}
