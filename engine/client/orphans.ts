import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Whoever has no parent is given this one. */
const init = 1;

/**
 * Kills the engines that workers which were killed left behind on this machine: an engine ends when its worker does, but not one that is
 * stopped, or hangs in a driver, and it keeps the memory of its device. Only engines of the same code are looked at, and only on Linux.
 *
 * @param file - The entry file of the engine.
 * @returns how many were killed.
 */
export async function endOrphans(file: string): Promise<number> {
  if (process.platform !== 'linux') return 0;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const orphans = await Promise.all(pids.map(async (pid) => ((await isOrphan(pid, file)) ? [Number(pid)] : [])));
  let killed = 0;
  for (const pid of orphans.flat()) {
    try {
      process.kill(pid, 'SIGKILL');
      killed += 1;
    } catch {
      // It has just ended, or is another user's.
    }
  }
  return killed;
}

async function isOrphan(pid: string, file: string): Promise<boolean> {
  const line = await readFile(join('/proc', pid, 'cmdline'), 'utf8').catch(() => '');
  if (!line.split('\0').includes(file)) return false;
  const stat = await readFile(join('/proc', pid, 'stat'), 'utf8').catch(() => '');
  // After the command, which stands in brackets: state and parent.
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // In a container the worker itself may be the parent of all.
  return state !== 'Z' && Number(parent) === init && process.pid !== init;
}
