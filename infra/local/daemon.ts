import { execFile, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { systemCode } from '../../errors/system-code.ts';

/**
 * A process that outlives us. A process id alone may name a stranger after a reboot, so the time when the process began is
 * kept with it.
 */
export const daemonSchema = z.object({ pid: z.int().min(2), began: z.string() });

/** See {@link daemonSchema}. */
export type Daemon = z.infer<typeof daemonSchema>;

/** How to start a daemon. */
export interface DaemonSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Gets stdout and stderr, after what was there. */
  readonly logFile: string;
}

/** A log beyond this is set aside as `<name>.old` at the next start. */
const maxLogBytes = 10 * 1024 * 1024;
const pollMs = 50;

/** Runs a program whose files are for its owner alone. `spawn` cannot set this, and our own files are not all private. */
const privately = ['-c', 'umask 077; exec "$0" "$@"'] as const;

/**
 * Starts a process in a session of its own: it survives our exit, and Ctrl-C in our terminal does not reach it. What it
 * writes is for the owner alone. A command that cannot be run ends at once and says so in its log.
 */
export async function startDaemon(spec: DaemonSpec): Promise<Daemon> {
  await mkdir(dirname(spec.logFile), { recursive: true });
  const logBytes = await stat(spec.logFile).then(
    ({ size }) => size,
    () => 0,
  );
  if (logBytes > maxLogBytes) await rename(spec.logFile, `${spec.logFile}.old`);
  const log = openSync(spec.logFile, 'a', 0o600);
  try {
    const child = spawn('/bin/sh', [...privately, spec.command, ...spec.args], {
      cwd: spec.cwd,
      env: spec.env,
      detached: true,
      stdio: ['ignore', log, log],
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    const pid = child.pid ?? 0;
    return { pid, began: (await beginningOf(pid)) ?? '' };
  } finally {
    closeSync(log);
  }
}

/** A process that runs, by its id; `null` when there is none. */
export async function daemonOf(pid: number): Promise<Daemon | null> {
  const began = await beginningOf(pid);
  return began === null ? null : { pid, began };
}

/** Whether this very process still runs. */
export async function isRunning(daemon: Daemon): Promise<boolean> {
  return (await beginningOf(daemon.pid)) === daemon.began;
}

/**
 * Asks a daemon to end, waits, and kills its whole process group when it does not.
 * @returns whether it ended by itself.
 */
export async function stopDaemon(daemon: Daemon, graceMs: number): Promise<boolean> {
  if (!(await isRunning(daemon))) return true;
  process.kill(daemon.pid, 'SIGTERM');
  const ended = await waitForEnd(daemon, graceMs);
  // The group also holds what the daemon forked and left behind.
  try {
    process.kill(-daemon.pid, 'SIGKILL');
  } catch (error) {
    const code = systemCode(error);
    // macOS answers EPERM for a group of which only remains are left.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
  if (!ended) await waitForEnd(daemon, graceMs);
  return ended;
}

async function waitForEnd(daemon: Daemon, limitMs: number): Promise<boolean> {
  const deadline = Date.now() + limitMs;
  while (await isRunning(daemon)) {
    if (Date.now() > deadline) return false;
    await delay(pollMs);
  }
  return true;
}

/** Last lines of a log, for a message. */
export async function logTail(logFile: string, numLines = 5): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-numLines).join('\n').slice(-2000);
}

/** A mark that two processes with the same id do not share; `null` when there is no such process, or only its remains. */
async function beginningOf(pid: number): Promise<string | null> {
  if (process.platform === 'linux') {
    const line = await readFile(`/proc/${String(pid)}/stat`, 'utf8').catch(() => null);
    if (line === null) return null;
    // Fields after the command, which stands in brackets and may hold anything: state first, the start time 20th.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  }
  try {
    const { stdout } = await promisify(execFile)('ps', ['-p', String(pid), '-o', 'lstart=']);
    return stdout.trim() === '' ? null : stdout.trim();
  } catch {
    return null;
  }
}
