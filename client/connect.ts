import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { temporalUnavailable } from '../errors/temporal-unavailable.ts';
import { channelTo } from '../infra/temporal/channel.ts';
import { explainSilence } from '../workers/temporal/explain-silence.ts';
import { findTlsFault } from '../workers/temporal/tls-fault.ts';
import { readTlsFiles } from '../workers/temporal/tls-files.ts';
import type { TemporalConfig } from './temporal-config.ts';

/** How long a server may take to answer the first call. The local stack answers in milliseconds, a far cluster in one second. */
const connectTimeoutMs = 10_000;
/** From when on a silent server is asked what is wrong: the client itself says nothing about TLS, and only in the end. */
const wonderMs = 1_500;

/**
 * Connects to Temporal. The caller closes the connection.
 * @throws PipelineError `STACK_UNAVAILABLE` with address and namespace, what is wrong and what to do; `SETTING_INVALID` for a
 * file of TLS that cannot be used.
 */
export async function connectTemporal(temporal: TemporalConfig): Promise<Client> {
  const contents = temporal.tls === null ? {} : await readTlsFiles(temporal.tls);
  // Not `connect`: what it fails with is left open, and goes on trying for as long as the process lives.
  const connection = Connection.lazy({
    address: temporal.address,
    tls: temporal.tls === null ? false : contents,
    connectTimeout: connectTimeoutMs,
    ...channelTo(temporal.address),
    ...(temporal.apiKey === null ? {} : { apiKey: temporal.apiKey }),
  });
  const answered = connection.ensureConnected().then(
    () => null,
    (error: unknown) => ({ error }),
  );
  const over = new AbortController();
  const wondered = delay(wonderMs, null, { signal: over.signal })
    .then(() => findTlsFault(temporal.address, temporal.tls, contents))
    .catch(() => null);
  const doubted = wondered.then(async (fault) => (fault === null ? await answered : { fault }));
  const failure = await Promise.race([answered, doubted]);
  over.abort();
  if (failure === null) return new Client({ connection, namespace: temporal.namespace });
  await connection.close();
  throw 'fault' in failure
    ? temporalUnavailable(temporal, null, failure.fault)
    : await explainSilence(temporal, contents, failure.error);
}
