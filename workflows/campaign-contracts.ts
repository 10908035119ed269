import type { CampaignSummary } from '../eval/campaign/contracts.ts';
import type { PromptSettings } from '../eval/campaign/plan-campaign.ts';
import type { SuitePrompt } from '../eval/suite.ts';

/** Input of `promptWorkflow`: the clips of one prompt of a campaign. */
export interface PromptInput {
  readonly campaignId: string;
  readonly tenant: string | null;
  readonly index: number;
  readonly prompt: SuitePrompt;
  readonly settings: PromptSettings;
}

/** Result of `promptWorkflow`. */
export interface PromptResult {
  /** Clips that were measured. */
  readonly measured: number;
  readonly failed: number;
  /** Clips whose measure was there already. */
  readonly cached: number;
  readonly generateMs: number;
  readonly measureMs: number;
}

/** Answer of the query `campaignStatus`. */
export interface CampaignStatus extends PromptResult {
  readonly campaignId: string;
  readonly label: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly prompts: number;
  readonly promptsDone: number;
  /** Clips of the whole campaign. */
  readonly clips: number;
  /** The sum, once there is one. */
  readonly summary: CampaignSummary | null;
  readonly failure: string | null;
}
