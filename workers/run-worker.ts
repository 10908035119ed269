import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { ActivityInboundCallsInterceptor, WorkflowBundleOption } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Pool } from '../story/plan/stages.ts';
import { temporalUnavailable } from '../errors/temporal-unavailable.ts';
import type { WorkerConfig } from './config.ts';
import { failureInterceptor } from './failure-interceptor.ts';
import type { Fitness } from './fitness.ts';
import { gatedSlots } from './gated-slots.ts';
import { fitGauge, installRuntime } from './metrics.ts';
import { errorMessage } from '../engine/failures.ts';
import { livingWorkers } from './peers.ts';
import { stageTelemetry } from './stage-telemetry.ts';
import { mayPass } from './start-failure.ts';

/** What a pool brings to {@link runWorker}. */
export interface WorkerParts {
  readonly pool: Pool;
  /** Activity implementations by name. */
  readonly activities: object;
  /** Tasks that run at once: one where an engine does the work, more where only the CPU does. */
  readonly slots: number;
  /** Workflow code; only the CPU pool runs workflows. */
  readonly workflowBundle?: WorkflowBundleOption;
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
 * fit for work.
 */
export async function runWorker(config: WorkerConfig, parts: WorkerParts): Promise<void> {
  const { log, pool, fitness } = parts;
  installRuntime(config, pool, log);
  const setFit = fitGauge();
  fitness.onChange(setFit);
  const stopping = new AbortController();
  const signals = new DrainSignals(log, stopping, parts.onForce);
  try {
    await fitness.prove(stopping.signal);
    setFit(true);
    if (!stopping.signal.aborted) parts.onFit?.();
    const started = await startWorkerPatiently(config, parts, stopping.signal);
    if (started === null) return;
    const { worker, connection } = started;
    fitness.meet(() => livingWorkers(connection, config.temporal.namespace, taskQueue(config, pool)));
    const drainEarly = AbortSignal.any([stopping.signal, fitness.unfit]);
    const drain = (): void => {
      worker.shutdown();
    };
    try {
      const running = worker.run();
      // A signal may have come while the worker was made; until it runs it cannot be shut down.
      if (drainEarly.aborted) drain();
      else drainEarly.addEventListener('abort', drain, { once: true });
      log.info({ queue: taskQueue(config, pool), slots: parts.slots }, 'the worker takes tasks');
      await running;
    } finally {
      await connection.close();
    }
    log.info('the worker has drained');
    fitness.unfit.throwIfAborted();
  } finally {
    signals.dispose();
  }
}

/** A name that no other worker has: in containers that share the host's network, host and process number may be alike. */
export function workerName(pool: Pool): string {
  return `${pool}@${hostname()}:${String(process.pid)}-${randomBytes(2).toString('hex')}`;
}

/** Task queue of a pool. */
export function taskQueue(config: Pick<WorkerConfig, 'queues'>, pool: Pool): string {
  return `${config.queues}-${pool}`;
}

/** The SDK's own number. */
const workflowSlots = 40;

interface Started {
  readonly worker: Worker;
  readonly connection: NativeConnection;
}

/** Connects and creates the worker, again and again while the server starts; `null` when a signal came first. */
async function startWorkerPatiently(
  config: WorkerConfig,
  parts: WorkerParts,
  stop: AbortSignal,
): Promise<Started | null> {
  const deadline = Date.now() + patienceMs;
  for (let pauseMs = 250; !stop.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await start(config, parts);
    } catch (error) {
      if (!mayPass(error)) throw error;
      const { address, namespace } = config.temporal;
      if (Date.now() > deadline) throw temporalUnavailable(config.temporal, error);
      parts.log.warn({ address, namespace, reason: errorMessage(error) }, 'Temporal does not answer yet');
      await delay(pauseMs, undefined, { signal: stop }).catch(() => undefined);
    }
  }
  return null;
}

async function start(config: WorkerConfig, parts: WorkerParts): Promise<Started> {
  const { address, namespace, apiKey, tls } = config.temporal;
  const connection = await NativeConnection.connect({ address, tls, ...(apiKey === null ? {} : { apiKey }) });
  try {
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue: taskQueue(config, parts.pool),
      identity: parts.fitness.worker,
      activities: parts.activities,
      ...(parts.workflowBundle === undefined ? {} : { workflowBundle: parts.workflowBundle }),
      tuner: {
        activityTaskSlotSupplier: gatedSlots(parts.slots, parts.fitness),
        workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: workflowSlots },
        localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
        nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
      },
      // A second task must not be fetched while the only slot is busy: it would wait here and not elsewhere.
      maxConcurrentActivityTaskPolls: parts.slots,
      maxHeartbeatThrottleInterval: '1s',
      defaultHeartbeatThrottleInterval: '1s',
      shutdownGraceTime: config.drain.drainMs,
      shutdownForceTime: config.drain.endMs,
      interceptors: {
        activity: [
          stageTelemetry(parts.silentMs),
          () => ({ inbound: failureInterceptor satisfies ActivityInboundCallsInterceptor }),
        ],
      },
    });
    return { worker, connection };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

const drainSignals = ['SIGTERM', 'SIGINT'] as const;

/** First signal: drain. Second: end at once. */
class DrainSignals {
  readonly #onSignal: (signal: NodeJS.Signals) => void;

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
    for (const signal of drainSignals) process.on(signal, this.#onSignal);
  }

  dispose(): void {
    for (const signal of drainSignals) process.off(signal, this.#onSignal);
  }
}
