import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** First executable file of that name on a PATH, or `null`. */
export async function findOnPath(program: string, path: string): Promise<string | null> {
  for (const dir of path.split(delimiter)) {
    const file = join(dir, program);
    if (dir !== '' && (await isExecutable(file))) return file;
  }
  return null;
}

/** Whether there is a file that may be run. */
export async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
