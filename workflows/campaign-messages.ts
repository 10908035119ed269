import { defineQuery } from '@temporalio/workflow';
import type { CampaignStatus } from './campaign-contracts.ts';

/** Query: how far a campaign is. */
export const campaignStatus = defineQuery<CampaignStatus>('campaignStatus');
