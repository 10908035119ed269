import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { makeClosedFolder } from './closed-folder.ts';
import { waitUntil } from './wait-until.ts';

/** A first start may download 100 MB before it lets go. */
const limitMs = 15 * 60_000;

/** Whether a process with this id exists. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Does work that only one process at a time may do to the local stack: two renders that start at once must not start two
 * servers. A lock whose holder died is taken over.
 * @throws `STACK_UNAVAILABLE` when another process holds it for a quarter of an hour.
 */
export async function withStackLock<Result>(stackDir: string, work: () => Promise<Result>): Promise<Result> {
  await makeClosedFolder(stackDir);
  const file = join(stackDir, 'lock');
  // The file appears with its content, so that nobody reads a lock without a holder.
  const mine = join(stackDir, `.lock-${randomUUID()}`);
  await writeFile(mine, String(process.pid));
  try {
    const taken = await waitUntil(async () => {
      const free = await link(mine, file).then(
        () => true,
        () => false,
      );
      if (free) return true;
      const holder = Number(await readFile(file, 'utf8').catch(() => ''));
      if (holder > 0 && !exists(holder)) await rm(file, { force: true });
      return false;
    }, limitMs);
    if (!taken) {
      throw new PipelineError(
        'STACK_UNAVAILABLE',
        `Another process is starting or stopping the local stack and does not finish; look at ${file}, which names it.`,
      );
    }
  } finally {
    await rm(mine, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}
