import { PipelineError } from '../../errors/pipeline-error.ts';
import { isRunning } from './daemon.ts';
import type { Daemon } from './daemon.ts';
import { waitUntil } from './wait-until.ts';

/** How a server is. `silent`: its process runs and nothing answers; it may be busy, or out of our reach. */
export type Presence = 'up' | 'silent' | 'down';

/**
 * Asks a server again and again until it answers, ends, or the time is over: on a machine that is busy one that runs may take
 * its time.
 */
export async function presenceOf(
  daemon: Daemon | null | undefined,
  answers: () => Promise<boolean>,
  limitMs: number,
): Promise<Presence> {
  if (daemon == null) return 'down';
  let found: Presence = 'silent';
  await waitUntil(async () => {
    found = !(await isRunning(daemon)) ? 'down' : (await answers()) ? 'up' : 'silent';
    return found !== 'silent';
  }, limitMs);
  return found;
}

/** The failure for a server that runs and does not answer: only its owner may end what others may be using. */
export function serverSilent(name: string, daemon: Daemon | null | undefined, logFile: string): PipelineError {
  return new PipelineError(
    'STACK_UNAVAILABLE',
    `${name} runs (process ${String(daemon?.pid)}) and does not answer; it is left alone, for others may use it. Wait if the machine is busy; ` +
      `read its log ${logFile}; or end it and start anew with \`shotline stack down\` and \`shotline stack up\`.`,
    { details: { server: name, logFile } },
  );
}
