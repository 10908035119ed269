import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { Runtime } from '@temporalio/worker';
import type { TelemetryOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { errorMessage } from '../errors/failures.ts';
import { deviceName } from '../engine/config.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { Pool } from '../story/plan/stages.ts';
import type { WorkerConfig } from './config.ts';
import { temporalLogger } from './logging.ts';

/** Temporal's own buckets are made for milliseconds; a stage takes seconds to hours. */
const histogramBucketOverrides = {
  shotline_stage_seconds: [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000],
};

/** The runtime's own Prometheus endpoint, which only this process asks. */
export interface RuntimeMetrics {
  /** The metrics in Prometheus' text format; rejects when the runtime does not answer. */
  readonly read: () => Promise<string>;
}

/** A free port may be taken by another process before the runtime has it. */
const portTries = 5;

/**
 * Sets Temporal's runtime up, once per process and before the first connection: its log, and its metrics, which every label
 * `pool`, `host` and `device` is put on. `null` when metrics are off.
 *
 * @throws PipelineError `SETTING_INVALID` when it cannot serve them on this host at all.
 */
export async function installRuntime(config: WorkerConfig, pool: Pool, log: Logger): Promise<RuntimeMetrics | null> {
  if (config.metricsAddress === null) {
    install(log, {});
    return null;
  }
  const device = pool === 'edit' ? 'none' : config.engine.devices.map(deviceName).join(',');
  const globalTags = { pool, host: hostname(), device };
  for (let tries = 1; ; tries++) {
    const bindAddress = `${loopback}:${String(await freePort())}`;
    try {
      install(log, { metrics: { globalTags, prometheus: { bindAddress, histogramBucketOverrides } } });
      return { read: () => textOf(`http://${bindAddress}/metrics`) };
    } catch (error) {
      if (tries < portTries) continue;
      throw new PipelineError(
        'SETTING_INVALID',
        `metrics cannot be served at ${bindAddress} (${errorMessage(error)}); leave SHOTLINE_METRICS_ADDRESS unset to do without`,
      );
    }
  }
}

const loopback = '127.0.0.1';
const answerMs = 5_000;

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, loopback, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

/** Reads the metrics of an endpoint on this host. */
export async function textOf(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(answerMs) });
  if (!answer.ok) throw new Error(`${url} answers ${String(answer.status)}`);
  return answer.text();
}

function install(log: Logger, telemetry: Pick<TelemetryOptions, 'metrics'>): void {
  Runtime.install({
    logger: temporalLogger(log),
    workerHeartbeatInterval: '10s',
    // Signals are handled by `runWorker`, so that the second one can force.
    shutdownSignals: [],
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} }, ...telemetry },
  });
}

/** The gauge of a worker's fitness. Call after {@link installRuntime}. */
export function fitGauge(): (isFit: boolean) => void {
  const meter = Runtime.instance().metricMeter;
  const gauge = meter.createGauge('shotline_worker_fit', 'int', undefined, 'Whether the worker is fit for work');
  gauge.set(0);
  return (isFit) => {
    gauge.set(isFit ? 1 : 0);
  };
}

/** Counts an object of the bucket that a worker did not take for what it should be. Call after {@link installRuntime}. */
export function countRefused(tags: { readonly kind: string; readonly why: 'unsealed' | 'forged' | 'folder' }): void {
  Runtime.instance()
    .metricMeter.withTags(tags)
    .createCounter('shotline_refused_objects', undefined, 'Objects in the bucket that were not believed')
    .add(1);
}
