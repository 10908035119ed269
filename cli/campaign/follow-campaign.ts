import { setTimeout as delay } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import type { CampaignStatus } from '../../workflows/campaign-contracts.ts';
import type { CampaignHandle } from './campaign-client.ts';
import { type FirstLook, statusLine, summaryLines } from './campaign-status.ts';
import type { Cli } from '../shell/cli.ts';
import type { Outcome } from '../shell/exit-codes.ts';

/** A campaign changes every few seconds; a line every ten is enough to read. */
const pollMs = 2_000;
const lineMs = 10_000;

/**
 * Follows a campaign to its end; Ctrl-C leaves it running. A server or a worker that does not answer is a notice, not an end: a campaign takes
 * hours, and goes on without us.
 */
export async function followCampaign(
  cli: Cli,
  campaign: CampaignHandle,
  options: { readonly json?: boolean },
): Promise<Outcome> {
  const signal = cli.interruption();
  const startedMs = Date.now();
  let first: FirstLook | null = null;
  let saidMs = 0;
  let trouble = false;
  while (!signal.aborted) {
    const status = await campaign.status().catch((error: unknown) => {
      if (!isGrpcServiceError(error)) throw error;
      if (!trouble)
        cli.terminal.note(`the campaign does not answer (${error.details}); it goes on, and so does this command`);
      trouble = true;
      return null;
    });
    if (status !== null && status.state !== 'running') return reportEnd(cli, status, options);
    if (status !== null && Date.now() - saidMs > lineMs) {
      trouble = false;
      saidMs = Date.now();
      first ??= { atMs: startedMs, promptsDone: status.promptsDone };
      cli.terminal.note(statusLine(status, first, saidMs));
    }
    await delay(pollMs, undefined, { signal }).catch(() => undefined);
  }
  cli.terminal.note(
    `left; the campaign goes on: \`shotline eval status ${campaign.id}\`, \`shotline eval cancel ${campaign.id}\``,
  );
  return 'detached';
}

function reportEnd(cli: Cli, status: CampaignStatus, options: { readonly json?: boolean }): Outcome {
  const { summary, state, failure } = status;
  if (summary === null) {
    cli.terminal.note(state === 'cancelled' ? 'the campaign was cancelled' : `the campaign failed: ${failure ?? ''}`);
    return state === 'cancelled' ? 'cancelled' : 'failed';
  }
  if (options.json === true) cli.terminal.out(JSON.stringify(summary));
  else for (const line of summaryLines(summary)) cli.terminal.out(line);
  return 'ok';
}
