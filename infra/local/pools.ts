import { join } from 'node:path';
import type { Connection } from '@temporalio/client';
import { type Pool, pools } from '../../story/plan/stages.ts';
import { taskQueueOf } from '../../story/plan/task-queue.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { drainTimesFromEnv } from '../../workers/drain-time.ts';
import { Deployment } from '../../workers/edit/deployment.ts';
import { isOwnOf } from '../../workers/identity.ts';
import { channelTo } from '../temporal/channel.ts';
import { lastPollMs } from '../temporal/pollers.ts';
import { ensureArtifactKey } from './artifact-key.ts';
import { stackConfigFromEnv, workerEnvironment } from './config.ts';
import type { StackConfig } from './config.ts';
import { isRunning, logTail, startDaemon, stopDaemon } from './daemon.ts';
import type { Daemon } from './daemon.ts';
import { knownStack } from './known-stack.ts';
import { endLeftovers } from './leftovers.ts';
import { codeRoot, workerFingerprint } from './source-fingerprint.ts';
import { withStackLock } from './stack-lock.ts';
import { rewriteStackRecord, writeStackRecord } from './stack-record.ts';
import type { StackOptions, StackState } from './stack.ts';
import { waitUntil } from './wait-until.ts';

/** One pool in {@link poolStatus}. */
export interface PoolStatus {
  readonly pool: Pool;
  /** `stale`: runs, but code or settings have changed since; the next `ensurePools` restarts it. */
  readonly state: 'up' | 'stale' | 'down';
  readonly pid: number | null;
  readonly logFile: string;
}

/** On top of the time in which a worker ends by itself: a process that is busy with its end is not killed. */
const exitMs = 5_000;
/**
 * A worker bundles the workflows and loads native code before its first poll: seconds, and minutes on a machine that others keep
 * busy. One that ends is told at once.
 */
const startLimitMs = 240_000;

/** Starts the pools that do not run, restarts those whose code or settings changed, and waits until all of them poll.
 * @throws `STACK_UNAVAILABLE` with the end of a pool's log when it ends while it starts. */
export async function ensurePools(state: StackState, { env, say }: StackOptions): Promise<void> {
  const config = stackConfigFromEnv(env);
  const poolEnv = workerEnvironment(env, state.env);
  const fingerprint = await workerFingerprint(poolEnv);
  await withStackLock(
    config.stackDir,
    async () => {
      const status = await statusOf(config, fingerprint);
      const wanting = status.filter((pool) => pool.state !== 'up').map(({ pool }) => pool);
      if (wanting.length === 0) return;
      const stale = status.filter((pool) => pool.state === 'stale').map(({ pool }) => pool);
      if (stale.length > 0) {
        say?.(`Restarting the workers ${stale.join(', ')}: code or settings changed`);
        await stopAll(config, stale);
      }
      await ensureArtifactKey(config.stackDir);
      say?.(`Starting the workers ${wanting.join(', ')}`);
      const startedMs = Date.now();
      const { endMs } = drainTimesFromEnv(poolEnv);
      const daemons = new Map<Pool, Daemon>();
      for (const pool of wanting) {
        const daemon = await startDaemon({
          command: process.execPath,
          // Here is one release at a time, and it is the one that was asked for.
          args: [join(codeRoot, 'cli', 'shotline.mjs'), 'worker', pool, ...(pool === 'edit' ? ['--current'] : [])],
          env: poolEnv,
          cwd: config.stackDir,
          logFile: logOf(config, pool),
        });
        daemons.set(pool, daemon);
        const { record } = await knownStack(config.stackDir);
        await writeStackRecord(config.stackDir, {
          ...record,
          pools: { ...record.pools, [pool]: { daemon, fingerprint, endMs } },
        });
      }
      await untilPolling(state, config, daemons, poolEnv['SHOTLINE_QUEUES'] ?? 'shotline', startedMs);
    },
    say,
  );
}

/** What each pool does. Starts nothing. Without `state` it cannot tell `stale` from `up`. */
export async function poolStatus({ env }: StackOptions, state?: StackState): Promise<readonly PoolStatus[]> {
  const fingerprint = state === undefined ? null : await workerFingerprint(workerEnvironment(env, state.env));
  return statusOf(stackConfigFromEnv(env), fingerprint);
}

/**
 * Ends the pools: each saves its work and hands its task back; one that does not in time is killed with all it forked. Engines that killed
 * workers left behind, which a stopped one survives, are killed too.
 * @throws `STACK_UNAVAILABLE` that names what could not be stopped.
 */
export async function stopPools({ env }: StackOptions): Promise<void> {
  const config = stackConfigFromEnv(env);
  const stop = async (): Promise<void> => {
    await stopAll(config, pools);
    await endLeftovers(config.stackDir, [...pools, 'engine'], exitMs);
  };
  await withStackLock(config.stackDir, stop, undefined, { onFullDisk: true });
}

async function statusOf(config: StackConfig, fingerprint: string | null): Promise<PoolStatus[]> {
  const { record } = await knownStack(config.stackDir);
  return Promise.all(
    pools.map(async (pool) => {
      const known = record.pools[pool];
      const logFile = logOf(config, pool);
      if (known === undefined || !(await isRunning(known.daemon)))
        return { pool, state: 'down' as const, pid: null, logFile };
      const stale = fingerprint !== null && known.fingerprint !== fingerprint;
      return { pool, state: stale ? ('stale' as const) : ('up' as const), pid: known.daemon.pid, logFile };
    }),
  );
}

async function stopAll(config: StackConfig, which: readonly Pool[]): Promise<void> {
  const { record } = await knownStack(config.stackDir);
  await Promise.all(
    which.map(async (pool) => {
      const known = record.pools[pool];
      if (known !== undefined) await stopDaemon(known.daemon, known.endMs + exitMs);
    }),
  );
  const rest = Object.entries(record.pools).filter(([pool]) => !which.some((stopped) => stopped === pool));
  await rewriteStackRecord(config.stackDir, { ...record, pools: Object.fromEntries(rest) });
}

/** A pool that ends while it starts would leave a story waiting for ever, so its end is told here. */
async function untilPolling(
  state: StackState,
  config: StackConfig,
  daemons: ReadonlyMap<Pool, Daemon>,
  queues: string,
  startedMs: number,
): Promise<void> {
  // A Temporal of the user's own may want credentials that only the workers hold; there, being alive has to do.
  const connection = state.uiUrl === null ? null : await connect(state.temporalAddress);
  try {
    const waiting = new Map(daemons);
    const all = await waitUntil(async () => {
      for (const [pool, daemon] of waiting) {
        if (!(await isRunning(daemon))) throw await poolFailed(config, pool, 'ended while it started');
        if (connection === null) waiting.delete(pool);
        else if (pool === 'edit') {
          if (await runsNewStories(connection, state.namespace, queues, daemon)) waiting.delete(pool);
        } else if (await polls(connection, state.namespace, taskQueueOf(queues, pool), startedMs)) waiting.delete(pool);
      }
      return waiting.size === 0;
    }, startLimitMs);
    const late = [...waiting.keys()][0];
    if (!all && late !== undefined)
      throw await poolFailed(config, late, `did not poll within ${String(startLimitMs / 1000)} s`);
  } finally {
    await connection?.close();
  }
}

async function connect(address: string): Promise<Connection> {
  const client = await import('@temporalio/client');
  return client.Connection.connect({ address, ...channelTo(address) });
}

async function polls(connection: Connection, namespace: string, taskQueue: string, sinceMs: number): Promise<boolean> {
  try {
    const polledMs = await lastPollMs(connection, namespace, taskQueue);
    return polledMs !== null && polledMs >= sinceMs - 1000;
  } catch {
    // A server that is slow on a crowded machine is asked again; one that is gone is told by `startLimitMs`.
    return false;
  }
}

/** Whether new stories go to a release that this worker serves. */
async function runsNewStories(
  connection: Connection,
  namespace: string,
  queues: string,
  { pid }: Daemon,
): Promise<boolean> {
  const deployment = new Deployment(connection, namespace, queues);
  try {
    const current = (await deployment.routing())?.current;
    const pollers = await deployment.pollers();
    return pollers.some(({ identity, buildId }) => buildId === current && isOwnOf(identity, 'edit', pid));
  } catch {
    return false;
  }
}

async function poolFailed(config: StackConfig, pool: Pool, what: string): Promise<PipelineError> {
  const logFile = logOf(config, pool);
  return new PipelineError(
    'STACK_UNAVAILABLE',
    `The ${pool} worker ${what}. Its log ${logFile} ends with:\n${await logTail(logFile)}`,
    {
      details: { pool, logFile },
    },
  );
}

const logOf = (config: StackConfig, pool: Pool): string => join(config.stackDir, `worker-${pool}.log`);
