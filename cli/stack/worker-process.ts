import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { type Pool, pools } from '../../story/plan/stages.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { workerConfigFromEnv } from '../../workers/config.ts';
import type { EditPoolOptions } from '../../workers/edit-pool.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';

/** Runs a pool in this process until a signal drains it. Only its own code is loaded: the pools must not need each other. */
export async function runOnePool(cli: Cli, pool: Pool, options: EditPoolOptions): Promise<Outcome> {
  const config = workerConfigFromEnv(cli.env);
  if (pool === 'edit') await (await import('../../workers/edit-pool.ts')).runEditPool(config, options);
  else await (await import('../../workers/engine-pool.ts')).runEnginePool(config, pool);
  return 'ok';
}

/**
 * One process per pool: if one ends by itself, the others are drained, for a machine with half its pools renders nothing.
 * The first signal drains all of them, the second ends them at once.
 */
export async function runAllPools(cli: Cli, { current }: EditPoolOptions): Promise<Outcome> {
  const shim = join(cli.root, 'cli', 'shotline.mjs');
  const children = pools.map((pool) => ({
    pool,
    // In a process group of its own, a pool hears Ctrl-C from us alone: a second signal would end it without a drain.
    child: spawn(process.execPath, [shim, 'worker', pool, ...(pool === 'edit' && current ? ['--current'] : [])], {
      stdio: 'inherit',
      env: cli.env,
      detached: true,
    }),
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
