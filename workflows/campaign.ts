import {
  ParentClosePolicy,
  WorkflowIdReusePolicy,
  isCancellation,
  setCurrentDetails,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import type { CampaignSummary } from '../eval/campaign/contracts.ts';
import type { CampaignInput } from '../eval/campaign/campaign.ts';
import { promptSettings } from '../eval/campaign/plan-campaign.ts';
import { clipsOfSuite } from '../eval/campaign/prompt-questions.ts';
import type { CampaignStatus, PromptInput, PromptResult } from './campaign-contracts.ts';
import { campaignDetails, promptSummary } from './campaign-captions.ts';
import { campaignStatus } from './messages.ts';
import { startPatiently } from './children.ts';
import { runFiling } from './pools.ts';
import { promptWorkflow } from './prompt.ts';
import { together } from './together.ts';

/** Prompts under way at once: enough to keep every pool busy, few enough that a cancel has little to wait for. */
const promptsAtOnce = 4;

/**
 * Makes and measures the clips of a suite, prompt by prompt, and sums up. Every clip and every measure is an artifact with a key, so a
 * campaign that was stopped goes on where it was, and one that shares clips with another makes them once.
 */
export async function campaignWorkflow(input: CampaignInput): Promise<CampaignSummary> {
  const { workflowId: campaignId } = workflowInfo();
  const customer = { storyId: campaignId, tenant: input.tenant ?? null, isBackground: true };
  const { prompts, samples } = input;
  const settings = promptSettings(input);
  let status: CampaignStatus = {
    campaignId,
    label: input.label,
    state: 'running',
    prompts: prompts.length,
    promptsDone: 0,
    clips: clipsOfSuite(prompts, samples),
    measured: 0,
    failed: 0,
    cached: 0,
    generateMs: 0,
    measureMs: 0,
    summary: null,
    failure: null,
  };
  const show = (change: Partial<CampaignStatus>): void => {
    status = { ...status, ...change };
    setCurrentDetails(campaignDetails(status));
  };
  setHandler(campaignStatus, () => status);
  show({});

  const waiting = prompts.map((prompt, index) => ({ prompt, index }));
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const made = await makePrompt({ ...next, campaignId, tenant: customer.tenant, settings });
      show({ promptsDone: status.promptsDone + 1, ...sumOf(status, made) });
    }
  };
  try {
    await together(Array.from({ length: promptsAtOnce }, () => lane));
    const summary = await runFiling(customer, { campaignId, input });
    show({ state: 'done', summary });
    return summary;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    show(isCancellation(error) ? { state: 'cancelled' } : { state: 'failed', failure: message });
    throw error;
  }
}

async function makePrompt(input: PromptInput): Promise<PromptResult> {
  const options = {
    workflowId: `${input.campaignId}/${input.index}`,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: promptSummary(input),
  };
  const child = await startPatiently(`prompt ${input.index}`, () =>
    startChild(promptWorkflow, { ...options, args: [input] }),
  );
  return child.result();
}

function sumOf(one: PromptResult, two: PromptResult): PromptResult {
  return {
    measured: one.measured + two.measured,
    failed: one.failed + two.failed,
    cached: one.cached + two.cached,
    generateMs: one.generateMs + two.generateMs,
    measureMs: one.measureMs + two.measureMs,
  };
}
