import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Pool } from '../../story/plan/stages.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { workerConfigFromEnv } from '../../workers/config.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';

/** A pool of workers. */
export type PoolName = Pool;

/** The pools, in the order in which a clip meets them. */
export const poolNames = ['base', 'interp', 'sr', 'edit'] as const satisfies readonly Pool[];

const runners = {
  base: async () => (await import('../../workers/base/main.ts')).runPool,
  interp: async () => (await import('../../workers/interp/main.ts')).runPool,
  sr: async () => (await import('../../workers/sr/main.ts')).runPool,
  edit: async () => (await import('../../workers/edit/main.ts')).runPool,
} as const;

/** Runs a pool in this process until a signal drains it. Only its own code is loaded: the pools must not need each other. */
export async function runOnePool(cli: Cli, pool: PoolName): Promise<Outcome> {
  const runPool = await runners[pool]();
  await runPool(workerConfigFromEnv(cli.env));
  return 'ok';
}

/**
 * One process per pool: if one ends by itself, the others are drained, for a machine with half its pools renders nothing.
 * The first signal drains all of them, the second ends them at once.
 */
export async function runAllPools(cli: Cli): Promise<Outcome> {
  const shim = join(cli.root, 'cli', 'shotline.mjs');
  const children = poolNames.map((pool) => ({
    pool,
    // In a process group of its own, a pool hears Ctrl-C from us alone: a second signal would end it without a drain.
    child: spawn(process.execPath, [shim, 'worker', pool], { stdio: 'inherit', env: cli.env, detached: true }),
  }));
  const tellAll = () => {
    for (const { child } of children) child.kill('SIGTERM');
  };
  let isDraining = false;
  const drain = () => {
    if (isDraining) return;
    isDraining = true;
    tellAll();
    cli.interruption().addEventListener('abort', tellAll, { once: true });
  };
  const interrupted = cli.interruption();
  interrupted.addEventListener('abort', drain, { once: true });
  const ends = await Promise.all(
    children.map(async ({ pool, child }) => {
      const end = await endOf(child);
      drain();
      return { pool, end };
    }),
  );
  const crashed = ends.find(({ end }) => end !== 0 && end !== 'SIGTERM' && end !== 'SIGINT');
  if (crashed === undefined || interrupted.aborted) return 'ok';
  throw new PipelineError(
    'STACK_UNAVAILABLE',
    `The ${crashed.pool} pool ended with ${String(crashed.end)}; its log says why.`,
  );
}

function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      resolve(signal ?? code ?? 0);
    });
  });
}
