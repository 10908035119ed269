import { chmod, stat } from 'node:fs/promises';
import { makePrivateFolder } from '../../storage/whole-file.ts';

const rightsOfOthers = 0o077;

/**
 * Makes a folder for the owner alone; one that is there, as a former release may have left it, is closed to others.
 *
 * @throws the error of the file system, `EPERM` for a folder of another user.
 */
export async function makeClosedFolder(dir: string): Promise<void> {
  await makePrivateFolder(dir);
  const { mode, uid } = await stat(dir);
  if ((mode & rightsOfOthers) === 0) return;
  try {
    await chmod(dir, mode & 0o700);
  } catch (error) {
    // A file system without rights, as on many exchangeable disks, refuses its owner, too.
    if (uid !== process.getuid?.()) throw error;
  }
}
