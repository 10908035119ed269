import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { CampaignSummary } from '../../eval/campaign/contracts.ts';
import type { CampaignInput } from '../../eval/campaign/campaign.ts';
import type { CampaignStatus } from '../../workflows/campaign-contracts.ts';
import { campaignStatus } from '../../workflows/messages.ts';
import { campaignStart } from '../../workflows/start.ts';
import { AbsentError } from '../../client/absent-error.ts';
import type { TemporalConfig } from '../../client/temporal-config.ts';

/** How long a question may take: the workflow may have to be replayed first. */
const queryTimeoutMs = 10_000;

/** One campaign in Temporal. */
export interface CampaignHandle {
  readonly id: string;
  status(): Promise<CampaignStatus>;
  cancel(): Promise<void>;
  /** Waits for the end. */
  result(): Promise<CampaignSummary>;
}

/** Starts a campaign, or finds the one that makes the same and runs. A finished one is no obstacle: its clips are there. */
export async function startCampaign(
  client: Client,
  temporal: TemporalConfig,
  input: CampaignInput,
): Promise<CampaignHandle> {
  const { workflowId, ...options } = campaignStart(input, temporal.queues);
  await client.workflow.start('campaignWorkflow', {
    ...options,
    workflowId,
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
  });
  return campaignHandle(client, workflowId);
}

/** Speaks to the campaign with this id. Its methods throw AbsentError when there is none. */
export function campaignHandle(client: Client, id: string): CampaignHandle {
  const handle = client.workflow.getHandle(id);
  const asking = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await client.withDeadline(Date.now() + queryTimeoutMs, call);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw new AbsentError(`there is no campaign ${id}; \`shotline eval leaderboard\` lists the finished ones`);
    }
  };
  return {
    id,
    status: async () => {
      const status = await asking(() => handle.query(campaignStatus));
      if (status.state !== 'running') return status;
      // A terminated workflow never heard of its end, and would say that it runs for ever.
      const { status: execution } = await asking(() => handle.describe());
      if (execution.name !== 'TERMINATED' && execution.name !== 'TIMED_OUT') return status;
      return { ...status, state: 'failed', failure: `its workflow was ${execution.name.toLowerCase()}` };
    },
    cancel: async () => {
      await asking(() => handle.cancel());
    },
    result: async () => (await handle.result()) as CampaignSummary,
  };
}
