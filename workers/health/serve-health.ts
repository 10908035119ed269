import type { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Pool } from '../../story/plan/stages.ts';
import { metricsAddressesOf } from '../config.ts';
import type { WorkerConfig } from '../config.ts';
import type { RuntimeMetrics } from '../metrics.ts';
import { startHealthServer } from './health-server.ts';
import type { HealthServer } from './health-server.ts';
import type { Readiness } from './worker-state.ts';

/** What a worker of several tells the process that started it. */
export interface WorkerNews {
  /** `host:port` of its endpoint for metrics and health. */
  readonly healthAddress: string;
}

/** What a worker can tell. */
export interface HealthSources {
  /** Whether it takes tasks, and if not, why. */
  readonly ready: () => Promise<Readiness>;
  readonly metrics: RuntimeMetrics | null;
}

/**
 * Serves health and metrics of a worker where its settings say; `null` when they name no address. A parent that started this
 * process as one of several learns the address.
 */
export async function serveHealth(
  config: WorkerConfig,
  pool: Pool,
  log: Logger,
  { ready, metrics }: HealthSources,
): Promise<HealthServer | null> {
  const addresses = metricsAddressesOf(config, pool);
  if (addresses.length === 0 || metrics === null) return null;
  const server = await startHealthServer(addresses, {
    ready: async () => {
      const readiness = await ready();
      return { isReady: readiness.state === 'serving', body: readiness };
    },
    metrics: () => metrics.read(),
  });
  log.info({ address: server.address }, 'metrics and health are served');
  process.send?.({ healthAddress: server.address } satisfies WorkerNews);
  return server;
}

/** A server that takes longer is one that does not answer. */
const answerMs = 2_000;

/** Asks Temporal for the namespace, which a worker must be allowed to see. Rejects when it does not answer, or refuses. */
export async function asksTemporal(connection: NativeConnection, namespace: string): Promise<void> {
  await connection.withDeadline(Date.now() + answerMs, () =>
    connection.workflowService.describeNamespace({ namespace }),
  );
}
