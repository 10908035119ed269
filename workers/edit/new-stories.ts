import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { errorMessage } from '../../errors/failures.ts';
import { codeOf } from './deployment.ts';
import type { Deployment } from './deployment.ts';

/** What {@link claimNewStories} decides by. */
export interface Claim {
  readonly buildId: string;
  /** Take them from another release, too. */
  readonly always: boolean;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Ends the try. */
  readonly signal: AbortSignal;
}

const pauseMs = 250;
/** INVALID_ARGUMENT, PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED: asking again gets the same answer (grpc/status.proto). */
const hopeless: ReadonlySet<number | null> = new Set([3, 7, 12, 16]);

/**
 * Sees to it that new stories have a release to go to: the one that asks, when there is no other or it is to take over. A worker
 * that is one of many must not take over by itself: one of the old release that is restarted in the middle of a roll would turn
 * the roll back.
 */
export async function claimNewStories(deployment: Deployment, { buildId, always, log, signal }: Claim): Promise<void> {
  while (!signal.aborted) {
    try {
      const routing = await deployment.routing();
      // The server learns of a release a moment after its first poll.
      if (routing?.buildIds.includes(buildId) === true) {
        const { current } = routing;
        if (current !== null && current !== buildId && !always) {
          log.warn(
            { release: buildId, current },
            `new stories go to release ${current}; \`shotline release use ${buildId}\` sends them here`,
          );
          return;
        }
        if (current !== buildId) await deployment.use(buildId);
        log.info({ release: buildId }, 'new stories go to this release');
        return;
      }
    } catch (error) {
      if (hopeless.has(codeOf(error))) {
        log.error(
          { release: buildId, reason: errorMessage(error) },
          `new stories could not be sent to this release; with the right to, do it by \`temporal worker deployment set-current-version --deployment-name ${deployment.name} --build-id ${buildId}\``,
        );
        return;
      }
    }
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
