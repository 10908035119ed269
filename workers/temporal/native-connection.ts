import { NativeConnection } from '@temporalio/worker';
import type { TemporalSettings } from './temporal-settings.ts';
import type { TlsContents } from './tls-files.ts';

/** Connects a worker; the contents are those of the files in the settings. The caller closes it. Throws what the SDK throws. */
export function openNativeConnection(
  { address, apiKey, tls }: TemporalSettings,
  contents: TlsContents,
): Promise<NativeConnection> {
  const key = apiKey === null ? {} : { apiKey };
  return NativeConnection.connect({ address, tls: tls === null ? false : contents, ...key });
}
