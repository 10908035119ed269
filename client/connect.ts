import { Client, Connection } from '@temporalio/client';
import { temporalUnavailable } from '../errors/temporal-unavailable.ts';
import { channelTo } from '../infra/temporal/channel.ts';
import type { TemporalConfig } from './temporal-config.ts';

/** How long a server may take to answer the first call. The local stack answers in milliseconds, a far cluster in one second. */
const connectTimeoutMs = 10_000;

/**
 * Connects to Temporal. The caller closes the connection.
 * @throws PipelineError `STACK_UNAVAILABLE` with address and namespace, and what to do.
 */
export async function connectTemporal(temporal: TemporalConfig): Promise<Client> {
  try {
    const connection = await Connection.connect({
      address: temporal.address,
      tls: temporal.tls,
      connectTimeout: connectTimeoutMs,
      ...channelTo(temporal.address),
      ...(temporal.apiKey === null ? {} : { apiKey: temporal.apiKey }),
    });
    return new Client({ connection, namespace: temporal.namespace });
  } catch (error) {
    throw temporalUnavailable(temporal, error);
  }
}
