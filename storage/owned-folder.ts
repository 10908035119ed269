import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { createConnection, createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makePrivateFolder } from './whole-file.ts';

/**
 * Folders that belong to a process for as long as it lives. In each lies a lock: a socket on which its owner listens, which nobody can do
 * for a dead process, whatever host names and process numbers say. Invariants:
 * O1 A folder whose owner lives is never swept.
 * O2 What a dead process of this kernel owned goes with the next sweep, in whatever container either of them runs.
 * O3 Of other kernels (another machine on a shared disk, this one before it was restarted) nobody can be asked. Owners touch their
 *    lock every few minutes, and what has not been touched for an hour is swept.
 */
export interface OwnedFolder {
  readonly dir: string;
  /** Gives the folder up and leaves it where it is, without its lock: for the one who moves it to its place. */
  giveUp(): Promise<void>;
  /** Removes the folder; safe after {@link OwnedFolder.giveUp}, and when it has moved. */
  remove(): Promise<void>;
}

const lockName = '.owner';
const touchMs = 5 * 60_000;
const silentMs = 60 * 60_000;
/** A folder without a lock is just being made, or moved to its place; or its owner was killed in that moment. */
const makingMs = 60_000;
/** Names that an earlier release gave: they say nothing of a kernel. */
const foreignMs = 24 * 60 * 60_000;
const answerMs = 2_000;

let kernel: Promise<string> | undefined;

/** What tells this run of this kernel from all others, eight hex digits; containers of a machine share it. */
function kernelName(): Promise<string> {
  kernel ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    // Where there is no such file, a machine is told by its name.
    .catch(() => createHash('sha256').update(hostname()).digest('hex'))
    .then((id) => id.replaceAll('-', '').slice(0, 8));
  return kernel;
}

/** Makes a folder in `parent` whose name begins with `prefix`. */
export async function ownFolder(parent: string, prefix: string): Promise<OwnedFolder> {
  await makePrivateFolder(parent);
  const dir = await mkdtemp(join(parent, `${prefix}${await kernelName()}-`));
  // A file system without sockets: the lock is a file, and O3 holds for it on this kernel too.
  const stopListening = await listenIn(dir).catch(() => lockByFile(dir));
  const touching = setInterval(() => {
    const now = new Date();
    // The sweep looks at the folder where the lock cannot be touched.
    utimes(join(dir, lockName), now, now).catch(() => undefined);
  }, touchMs).unref();
  let isOwned = true;
  const giveUp = async (): Promise<void> => {
    if (!isOwned) return;
    isOwned = false;
    clearInterval(touching);
    await stopListening();
  };
  return {
    dir,
    giveUp,
    async remove() {
      await rm(dir, { recursive: true, force: true });
      await giveUp();
    },
  };
}

/** Removes the folders in `parent` whose names begin with `prefix` and whose owners are dead. Returns how many there were. */
export async function sweepFolders(parent: string, prefix: string): Promise<number> {
  const names = (await readdir(parent).catch(() => [])).filter((name) => name.startsWith(prefix));
  const dead = await Promise.all(names.map(async (name) => ((await isDead(parent, name)) ? [join(parent, name)] : [])));
  await Promise.all(dead.flat().map((dir) => rm(dir, { recursive: true, force: true })));
  return dead.flat().length;
}

async function isDead(parent: string, name: string): Promise<boolean> {
  const dir = join(parent, name);
  const found = await stat(dir).catch(() => null);
  if (found?.isDirectory() !== true) return false;
  const owner = /-([0-9a-f]{8})-[A-Za-z0-9]{6}$/.exec(name)?.[1];
  if (owner === undefined) return ageOf(found) > foreignMs;
  const lock = await stat(join(dir, lockName)).catch(() => null);
  const isOurs = owner === (await kernelName());
  if (lock === null) return ageOf(found) > (isOurs ? makingMs : silentMs);
  return isOurs && lock.isSocket() ? !(await isListening(dir)) : ageOf(lock) > silentMs;
}

const ageOf = ({ mtimeMs }: { readonly mtimeMs: number }): number => Date.now() - mtimeMs;

/** Listens in a folder until the returned function is called, which removes the lock. The process may end while it does. */
async function listenIn(dir: string): Promise<() => Promise<void>> {
  const { path, close } = await shortPath(dir);
  const server = createServer((caller) => caller.destroy()).unref();
  const stop = async (): Promise<void> => {
    // Removes the socket by the path that it was made by, so that one must still mean this folder.
    await new Promise((resolve) => server.close(resolve));
    await close();
  };
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    return stop;
  } catch (error) {
    await close();
    throw error;
  }
}

async function lockByFile(dir: string): Promise<() => Promise<void>> {
  await writeFile(join(dir, lockName), '');
  return () => rm(join(dir, lockName), { force: true });
}

/** Whether somebody listens in a folder: the kernel refuses for the dead. An answer that does not come is no refusal. */
async function isListening(dir: string): Promise<boolean> {
  const { path, close } = await shortPath(dir);
  const caller = createConnection(path);
  try {
    return await new Promise<boolean>((resolve) => {
      caller.setTimeout(answerMs, () => {
        resolve(true);
      });
      caller.once('connect', () => {
        resolve(true);
      });
      caller.once('error', ({ code }: NodeJS.ErrnoException) => {
        resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT');
      });
    });
  } finally {
    caller.destroy();
    await close();
  }
}

/** A path of a folder's lock that is short, until it is closed: those of sockets have at most 107 bytes, and folders may lie deep. */
async function shortPath(dir: string): Promise<{ readonly path: string; readonly close: () => Promise<void> }> {
  if (process.platform !== 'linux') return { path: join(dir, lockName), close: () => Promise.resolve() };
  const folder = await open(dir);
  return { path: `/proc/self/fd/${String(folder.fd)}/${lockName}`, close: () => folder.close() };
}
