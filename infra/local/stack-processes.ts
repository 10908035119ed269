import { execFile } from 'node:child_process';
import { readFile, readdir, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Pool, pools } from '../../story/plan/stages.ts';
import { daemonOf } from './daemon.ts';
import type { Daemon } from './daemon.ts';

/** What a process of the local stack is: a server, the worker of a pool, or the engine of one. */
export type StackPart = 'temporal' | 'seaweed' | Pool | 'engine';

/** A process of a local stack, as the system lists it. */
export interface StackProcess {
  readonly part: StackPart;
  readonly daemon: Daemon;
  readonly args: readonly string[];
  /** Its folder has been deleted: what it writes nobody finds. */
  readonly isStranded: boolean;
}

/**
 * The processes that live in the folder of a stack, whatever its record says: each is started there and stays. Elsewhere than on Linux
 * a process does not tell its folder, and the servers alone are found, by what they were started with.
 */
export async function stackProcesses(stackDir: string): Promise<readonly StackProcess[]> {
  const found = await (process.platform === 'linux' ? byFolder(stackDir) : byArguments(stackDir));
  const living = found.map(async ({ pid, args, isStranded }) => {
    const part = partOf(args);
    const daemon = part === null ? null : await daemonOf(pid);
    return part === null || daemon === null ? [] : [{ part, daemon, args, isStranded }];
  });
  return (await Promise.all(living)).flat();
}

interface Listed {
  readonly pid: number;
  readonly args: readonly string[];
  readonly isStranded: boolean;
}

const deletedMark = ' (deleted)';

async function byFolder(stackDir: string): Promise<Listed[]> {
  const dir = await realpath(stackDir).catch(() => stackDir);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const looks = pids.map(async (pid) => {
    // Other users' processes do not say where they are; one that has just ended is nowhere.
    const folder = await readlink(join('/proc', pid, 'cwd')).catch(() => '');
    const isStranded = folder === `${dir}${deletedMark}`;
    if (folder !== dir && !isStranded) return [];
    const line = await readFile(join('/proc', pid, 'cmdline'), 'utf8').catch(() => '');
    return [{ pid: Number(pid), args: line.split('\0').slice(0, -1), isStranded }];
  });
  return (await Promise.all(looks)).flat();
}

async function byArguments(stackDir: string): Promise<Listed[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,command='], { maxBuffer: 2 ** 26 });
  return stdout.split('\n').flatMap((line) => {
    const [pid = '', ...args] = line.trim().split(' ');
    return args.some((arg) => arg.includes(join(stackDir, '/'))) ? [{ pid: Number(pid), args, isStranded: false }] : [];
  });
}

/** What a process is, by what it was started with; `null` for one that only happens to be in the folder, as a shell. */
function partOf(args: readonly string[]): StackPart | null {
  if (args.includes('start-dev') && args.includes('--db-filename')) return 'temporal';
  if (args.includes('server') && args.includes('-s3=true')) return 'seaweed';
  const command = args.findIndex((arg) => arg.endsWith(join('cli', 'shotline.mjs')));
  if (command >= 0 && args[command + 1] === 'worker') return pools.find((pool) => pool === args[command + 2]) ?? null;
  return args.some((arg) => /[/\\]workers[/\\]\w+[/\\]engine\.(ts|js)$/.test(arg)) ? 'engine' : null;
}
