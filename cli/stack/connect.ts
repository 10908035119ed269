import { Client, Connection } from '@temporalio/client';
import { PipelineError } from '../../errors/pipeline-error.ts';
import type { TemporalConfig } from '../shell/config.ts';

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
      ...(temporal.apiKey === null ? {} : { apiKey: temporal.apiKey }),
    });
    return new Client({ connection, namespace: temporal.namespace });
  } catch (error) {
    throw temporalUnavailable(temporal, error);
  }
}

/** The one wording for a Temporal that does not answer. */
export function temporalUnavailable(temporal: TemporalConfig, cause: unknown): PipelineError {
  const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? cause.message) : String(cause);
  return new PipelineError(
    'STACK_UNAVAILABLE',
    `Temporal at ${temporal.address} (namespace ${temporal.namespace}) does not answer: ${reason}. ` +
      'Start the local stack with `shotline stack up`, or point SHOTLINE_TEMPORAL_ADDRESS to a running server.',
    { details: { address: temporal.address, namespace: temporal.namespace }, cause },
  );
}
