import { createHash } from 'node:crypto';
import { seaweedArguments, seaweedHomePorts } from './seaweed-server.ts';
import { tlsEnvironment } from './seaweed-tls.ts';
import { readDynamicConfig, temporalArguments, temporalHomePorts } from './temporal-server.ts';

/** A hash of all that this release says to a server at its start, but for places and ports, which may differ. */
const launchOf = (...said: unknown[]): string => createHash('sha256').update(JSON.stringify(said)).digest('hex');

/** How this release starts Temporal. */
export async function temporalLaunch(): Promise<string> {
  const settings = await readDynamicConfig();
  return launchOf(
    temporalArguments({ ports: temporalHomePorts, namespace: 'default', dbFile: '', ui: true, settings }),
  );
}

/** How this release starts SeaweedFS. */
export const seaweedLaunch = (): string => launchOf(seaweedArguments('', seaweedHomePorts), tlsEnvironment(''));
