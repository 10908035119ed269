import type { PipelineError } from '../../errors/pipeline-error.ts';
import { temporalUnavailable } from '../../errors/temporal-unavailable.ts';
import type { TemporalSettings } from './temporal-settings.ts';
import { findTlsFault } from './tls-fault.ts';
import type { TlsContents } from './tls-files.ts';

/** The failure for a Temporal that could not be connected to, with what a handshake of our own finds wrong. */
export async function explainSilence(
  temporal: TemporalSettings,
  contents: TlsContents,
  cause: unknown,
): Promise<PipelineError> {
  return temporalUnavailable(temporal, cause, await findTlsFault(temporal.address, temporal.tls, contents));
}
