import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makePrivateFolder } from '../../storage/whole-file.ts';

/**
 * Folders for the files of running tasks. Each carries host and process in its name, so that what a killed worker left
 * behind can be told from what a living one uses, on a shared disk too.
 */

const host = hostname().replace(/[^A-Za-z0-9.]/g, '_');
const pattern = /^task-([A-Za-z0-9._]+)-(\d+)-[A-Za-z0-9]+$/;

/** Lends a fresh folder to `use`; it is gone when `use` has settled, whatever happened. */
export async function withScratch<Result>(root: string, use: (dir: string) => Promise<Result>): Promise<Result> {
  await makePrivateFolder(root);
  const dir = await mkdtemp(join(root, `task-${host}-${process.pid}-`));
  try {
    return await use(dir);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/**
 * Removes the folders of dead processes of this host and returns how many there were. Called before the first task: a
 * folder with this process's own number is then that of an earlier one (in a container every worker may be process 1).
 */
export async function sweepScratch(root: string): Promise<number> {
  const names = await readdir(root).catch(() => []);
  const abandoned = names.filter((name) => {
    const [, owner, pid] = pattern.exec(name) ?? [];
    return owner === host && pid !== undefined && (Number(pid) === process.pid || !isAlive(Number(pid)));
  });
  await Promise.all(abandoned.map((name) => rm(join(root, name), { recursive: true, force: true })));
  return abandoned.length;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user answers EPERM and lives.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
