import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from '@temporalio/worker';
import type { ActivityInboundCallsInterceptor, NativeConnection, WorkerOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Pool } from '../story/plan/stages.ts';
import { taskQueueOf } from '../story/plan/task-queue.ts';
import type { WorkerConfig } from './config.ts';
import { deploymentNameOf } from './edit/release.ts';
import type { Release } from './edit/release.ts';
import { failureInterceptor } from './failure-interceptor.ts';
import type { Fitness } from './fitness.ts';
import { gatedSlots } from './gated-slots.ts';
import { identityFor } from './identity.ts';
import { asksTemporal, serveHealth } from './health/serve-health.ts';
import { readinessOf } from './health/worker-state.ts';
import { fitGauge, installRuntime } from './metrics.ts';
import { livingWorkers } from './peers.ts';
import { stageTelemetry } from './stage-telemetry.ts';
import { mayPass } from './start-failure.ts';
import { explainSilence } from './temporal/explain-silence.ts';
import { openNativeConnection } from './temporal/native-connection.ts';
import { readTlsFiles } from './temporal/tls-files.ts';
import type { TlsContents } from './temporal/tls-files.ts';

/** What a pool brings to {@link runWorker}. */
export interface WorkerParts {
  readonly pool: Pool;
  /** Activity implementations by name. */
  readonly activities: object;
  /** Tasks that run at once: one where an engine does the work, more where only the CPU does. */
  readonly slots: number;
  /** Workflow code, of this release first; only the CPU pool runs workflows. */
  readonly releases?: (connection: NativeConnection) => Promise<readonly Release[]>;
  /** Runs once tasks are taken. */
  readonly onServing?: (connection: NativeConnection, stopping: AbortSignal) => Promise<void>;
  readonly log: Logger;
  /** Says when the worker may take tasks, and when it had better end. */
  readonly fitness: Fitness;
  /** Runs when the worker has shown that it is fit, before it takes a task. */
  readonly onFit?: () => void;
  /** Milliseconds since the engine last said how far its job is; 0 while it has none. Absent in a pool without an engine. */
  readonly silentMs?: () => number;
  /** Runs when a second signal says that waiting is over. */
  readonly onForce?: () => Promise<void>;
}

/** How long a worker waits for a Temporal that does not answer; longer, and a supervisor had better know. */
const patienceMs = 5 * 60_000;
const longestPauseMs = 5_000;

/**
 * Serves a pool's task queue until SIGTERM or SIGINT, once the worker has shown that it is fit. The first signal drains: no task is
 * taken any more, running ones go on for `drainMs` and are then handed back with a checkpoint. A second signal ends the process at
 * once. A worker that finds itself unfit drains as well.
 *
 * @throws PipelineError `STACK_UNAVAILABLE` when Temporal cannot be reached for five minutes, `WORKER_UNFIT` when the worker is not
 * fit for work, `SETTING_INVALID` for a file of TLS that cannot be used.
 */
export async function runWorker(config: WorkerConfig, parts: WorkerParts): Promise<void> {
  const { log, pool, fitness } = parts;
  const stopping = new AbortController();
  const draining = AbortSignal.any([stopping.signal, fitness.unfit]);
  const metrics = await installRuntime(config, pool, log);
  const setFit = fitGauge();
  fitness.onChange(setFit);
  const signals = new DrainSignals(log, stopping, parts.onForce);
  let ask: (() => Promise<unknown>) | null = null;
  const health = await serveHealth(config, pool, log, {
    ready: () => readinessOf({ fitness, draining, ask }),
    metrics,
  });
  try {
    await fitness.prove(stopping.signal);
    setFit(true);
    if (!stopping.signal.aborted) parts.onFit?.();
    const started = await startWorkerPatiently(config, parts, stopping.signal);
    if (started === null) return;
    const { workers, connection } = started;
    const queue = taskQueueOf(config.queues, pool);
    const { namespace } = config.temporal;
    fitness.meet(() => livingWorkers(connection, namespace, queue));
    try {
      const running = runAll(workers, draining);
      ask = () => asksTemporal(connection, namespace);
      log.info({ queue, slots: parts.slots }, 'the worker takes tasks');
      await Promise.all([running, parts.onServing?.(connection, draining)]);
    } finally {
      ask = null;
      await connection.close();
    }
    log.info('the worker has drained');
    fitness.unfit.throwIfAborted();
  } finally {
    health?.close();
    signals.dispose();
  }
}

/** Runs workers side by side until `stopping` fires. When one fails, the others are drained. */
async function runAll(workers: readonly Worker[], stopping: AbortSignal): Promise<void> {
  const runs = workers.map((worker) => worker.run());
  const drain = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  // A signal may have come while the workers were made; until they run they cannot be shut down.
  if (stopping.aborted) drain();
  else stopping.addEventListener('abort', drain, { once: true });
  for (const run of runs) run.catch(drain);
  const ends = await Promise.allSettled(runs);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

/** The SDK's own number. */
const workflowSlots = 40;

interface Started {
  readonly workers: readonly Worker[];
  readonly connection: NativeConnection;
}

/** Connects and creates the worker, again and again while the server starts; `null` when a signal came first. */
async function startWorkerPatiently(
  config: WorkerConfig,
  parts: WorkerParts,
  stop: AbortSignal,
): Promise<Started | null> {
  const deadline = Date.now() + patienceMs;
  const contents = config.temporal.tls === null ? {} : await readTlsFiles(config.temporal.tls);
  for (let pauseMs = 250; !stop.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await start(config, parts, contents);
    } catch (error) {
      if (!mayPass(error)) throw error;
      const failure = await explainSilence(config.temporal, contents, error);
      if (Date.now() > deadline) throw failure;
      const { address, namespace } = config.temporal;
      parts.log.warn({ address, namespace, reason: failure.message }, 'Temporal does not answer yet');
      await delay(pauseMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
  return null;
}

async function start(config: WorkerConfig, parts: WorkerParts, contents: TlsContents): Promise<Started> {
  const connection = await openNativeConnection(config.temporal, contents);
  try {
    const releases = (await parts.releases?.(connection)) ?? [null];
    const workers: Worker[] = [];
    for (const [index, release] of releases.entries())
      workers.push(await createWorker(config, parts, connection, release, index > 0));
    return { workers, connection };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** A worker of the pool; with a release one that runs its workflows, and tasks of the stories that are pinned to it. */
function createWorker(
  config: WorkerConfig,
  { pool, slots, activities, fitness, silentMs }: WorkerParts,
  connection: NativeConnection,
  release: Release | null,
  isEarlier: boolean,
): Promise<Worker> {
  return Worker.create({
    connection,
    namespace: config.temporal.namespace,
    taskQueue: taskQueueOf(config.queues, pool),
    identity: isEarlier ? identityFor(fitness.worker, release?.buildId ?? '') : fitness.worker,
    activities,
    ...(release === null ? {} : { workflowBundle: { code: release.code }, ...pinnedTo(config.queues, release) }),
    tuner: {
      activityTaskSlotSupplier: gatedSlots(slots, fitness),
      workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: workflowSlots },
      localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
      nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
    },
    // A second task must not be fetched while the only slot is busy: it would wait here and not elsewhere.
    maxConcurrentActivityTaskPolls: slots,
    maxHeartbeatThrottleInterval: '1s',
    defaultHeartbeatThrottleInterval: '1s',
    shutdownGraceTime: config.drain.drainMs,
    shutdownForceTime: config.drain.endMs,
    interceptors: {
      activity: [
        stageTelemetry(silentMs),
        () => ({ inbound: failureInterceptor satisfies ActivityInboundCallsInterceptor }),
      ],
    },
  });
}

/** A story goes on with the code that it began with: other code may not be able to follow its history. */
function pinnedTo(queues: string, { buildId }: Release): Pick<WorkerOptions, 'workerDeploymentOptions'> {
  const version = { deploymentName: deploymentNameOf(queues), buildId };
  return {
    workerDeploymentOptions: { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' },
  };
}

const drainSignals = ['SIGTERM', 'SIGINT'] as const;

/** First signal: drain. Second: end at once. A worker whose parent is gone drains as well: nobody would tell it to. */
class DrainSignals {
  readonly #onSignal: (signal: NodeJS.Signals) => void;
  readonly #onOrphaned: () => void;

  constructor(log: Logger, stopping: AbortController, onForce: (() => Promise<void>) | undefined) {
    this.#onSignal = (signal) => {
      if (!stopping.signal.aborted) {
        log.info({ signal }, 'draining; a second signal ends at once');
        stopping.abort();
        return;
      }
      log.warn({ signal }, 'ending at once');
      void (onForce?.() ?? Promise.resolve()).finally(() => process.exit(1));
    };
    this.#onOrphaned = () => {
      if (stopping.signal.aborted) return;
      log.warn('draining: the process that started this worker is gone');
      stopping.abort();
    };
    for (const signal of drainSignals) process.on(signal, this.#onSignal);
    process.on('disconnect', this.#onOrphaned);
    // Listening must not keep a worker alive that has drained.
    process.channel?.unref();
  }

  dispose(): void {
    for (const signal of drainSignals) process.off(signal, this.#onSignal);
    process.off('disconnect', this.#onOrphaned);
  }
}
