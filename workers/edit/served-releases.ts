import type { Logger } from 'pino';
import { errorMessage } from '../../errors/failures.ts';
import { keptBundles, touchBundle } from './bundle-cache.ts';
import type { Deployment } from './deployment.ts';
import { releaseOf } from './release.ts';
import type { Release } from './release.ts';

/** Where {@link servedReleases} looks. */
export interface ServedOptions {
  /** Folder of the bundles. */
  readonly dir: string;
  /** The workflow code of the sources that run. */
  readonly code: string;
  readonly deployment: Deployment;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

/**
 * The releases that this host can run the workflows of: its own, and those whose bundle it made before and that the server has
 * stories of. So a story that waits in a local stack goes on after an upgrade, and one that is over still answers.
 */
export async function servedReleases({ dir, code, deployment, log }: ServedOptions): Promise<readonly Release[]> {
  const own = releaseOf(code);
  const served = new Map([[own.buildId, own]]);
  for (const kept of await keptBundles(dir)) {
    const release = releaseOf(kept.code);
    if (served.has(release.buildId)) continue;
    try {
      if (!(await deployment.isRemembered(release.buildId))) continue;
    } catch (error) {
      log.warn({ reason: errorMessage(error) }, 'the server does not say which earlier releases it has stories of');
      break;
    }
    await touchBundle(kept);
    served.set(release.buildId, release);
    log.info({ release: release.buildId }, 'stories of an earlier release go on here');
  }
  return [...served.values()];
}
