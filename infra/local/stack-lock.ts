import { open, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDiskFull } from '../../errors/disk-full.ts';
import { systemCode } from '../../errors/system-code.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { privateFileMode } from '../../storage/whole-file.ts';
import { makeClosedFolder } from './closed-folder.ts';
import { waitUntil } from './wait-until.ts';

/** A first start may download 100 MB before it lets go. */
const limitMs = 15 * 60_000;
/** A lock without a holder in it is being written, or its holder died in that moment. */
const writingMs = 10_000;
/** A wait that is longer than this is told. */
const quietMs = 2_000;

/** Whether a process with this id exists. */
function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** How the lock is taken. */
export interface LockOptions {
  /** Whether the work may be done although the disk has no room for a lock: to stop what runs must always be possible. */
  readonly onFullDisk?: boolean;
}

/**
 * Does work that only one process at a time may do to the local stack: two renders that start at once must not start two
 * servers. A lock whose holder died is taken over. Works on every file system: it makes a file, and no link.
 * @param say - Gets a line when it has to wait.
 * @throws `STACK_UNAVAILABLE` when another process holds it for a quarter of an hour; the error of the file system where no file
 * can be made.
 */
export async function withStackLock<Result>(
  stackDir: string,
  work: () => Promise<Result>,
  say: (line: string) => void = () => undefined,
  { onFullDisk = false }: LockOptions = {},
): Promise<Result> {
  await makeClosedFolder(stackDir);
  const file = join(stackDir, 'lock');
  const startedMs = Date.now();
  let told = false;
  const taken = await waitUntil(async () => {
    if (await take(file, onFullDisk)) return true;
    const holder = await holderOf(file);
    if (holder === 'gone') await rm(file, { force: true });
    else if (!told && Date.now() - startedMs > quietMs) {
      told = true;
      say(`Waiting for another shotline (process ${String(holder)}), which starts or stops the local stack`);
    }
    return false;
  }, limitMs);
  if (!taken) {
    throw new PipelineError(
      'STACK_UNAVAILABLE',
      `Another process is starting or stopping the local stack and does not finish; look at ${file}, which names it.`,
    );
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** Whether the lock is ours now; `false` when it is another's. */
async function take(file: string, onFullDisk: boolean): Promise<boolean> {
  let lock;
  try {
    lock = await open(file, 'wx', privateFileMode);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    if (onFullDisk && isDiskFull(error)) return true;
    throw error;
  }
  try {
    await lock.writeFile(String(process.pid));
    return true;
  } catch (error) {
    // A full disk has room for a name and for nothing in it. A lock without a holder keeps others out for some seconds all the same.
    if (onFullDisk && isDiskFull(error)) return true;
    await rm(file, { force: true });
    throw error;
  } finally {
    await lock.close();
  }
}

/** The process that holds the lock; `gone` when it no longer lives. */
async function holderOf(file: string): Promise<number | 'unknown' | 'gone'> {
  const holder = Number(await readFile(file, 'utf8').catch(() => ''));
  if (holder > 0) return exists(holder) ? holder : 'gone';
  const written = await stat(file).catch(() => null);
  return written !== null && Date.now() - written.mtimeMs > writingMs ? 'gone' : 'unknown';
}
