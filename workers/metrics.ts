import { hostname } from 'node:os';
import { Runtime } from '@temporalio/worker';
import type { TelemetryOptions } from '@temporalio/worker';
import type { Logger } from 'pino';
import { errorMessage } from '../engine/failures.ts';
import { deviceName } from '../engine/config.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { Pool } from '../story/plan/stages.ts';
import { metricsAddressesOf } from './config.ts';
import type { WorkerConfig } from './config.ts';
import { temporalLogger } from './logging.ts';

/** Temporal's own buckets are made for milliseconds; a stage takes seconds to hours. */
const histogramBucketOverrides = {
  shotline_stage_seconds: [0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000],
};

/**
 * Sets Temporal's runtime up, once per process and before the first connection: its log, and the Prometheus endpoint at the first
 * free port of the pool. Every metric has the labels `pool`, `host` and `device`.
 *
 * @throws PipelineError `SETTING_INVALID` when none of the ports can be listened on.
 */
export function installRuntime(config: WorkerConfig, pool: Pool, log: Logger): void {
  const addresses = metricsAddressesOf(config, pool);
  if (addresses.length === 0) {
    install(log, {});
    return;
  }
  const device = pool === 'edit' ? 'none' : config.engine.devices.map(deviceName).join(',');
  const globalTags = { pool, host: hostname(), device };
  const refusals: string[] = [];
  for (const bindAddress of addresses) {
    try {
      install(log, { metrics: { globalTags, prometheus: { bindAddress, histogramBucketOverrides } } });
      log.info({ address: bindAddress }, 'metrics are served');
      return;
    } catch (error) {
      refusals.push(`${bindAddress}: ${errorMessage(error)}`);
    }
  }
  throw new PipelineError(
    'SETTING_INVALID',
    `metrics cannot be served at any of ${String(addresses.length)} ports (${refusals[0] ?? ''}); set SHOTLINE_METRICS_ADDRESS to an address of this host with free ports, or leave it unset`,
    { details: { refusals } },
  );
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
