import type { CampaignSummary } from '../activities/contracts.ts';
import type { CampaignStatus } from '../workflows/campaign-contracts.ts';
import { textTable } from './text-table.ts';
import { clock } from './time-format.ts';

/** A campaign's scores as a table, and what was not measured. */
export function summaryLines({ id, label, dimensions, missing, mean, cost, failed }: CampaignSummary): string[] {
  const rows = dimensions.map(({ dimension, score, videos, model }) => [
    dimension,
    score.toFixed(4),
    String(videos),
    model,
  ]);
  return [
    `${label}  (${id})`,
    '',
    ...textTable(
      [
        { title: 'dimension' },
        { title: 'score', align: 'right' },
        { title: 'clips', align: 'right' },
        { title: 'model' },
      ],
      rows,
    ),
    '',
    ...missing.map(({ dimension, reason }) => `not measured: ${dimension}, ${reason}`),
    `mean ${mean === null ? 'none' : mean.toFixed(4)}; ${String(failed)} clips failed${shareOf(cost)}`,
  ];
}

function shareOf({ generateMs, measureMs, clips }: CampaignSummary['cost']): string {
  if (generateMs === 0) return '';
  return `; measuring cost ${((100 * measureMs) / generateMs).toFixed(1)} % of making (${String(clips)} clips made here)`;
}

/** How far a campaign is, in a line. */
export function statusLine(status: CampaignStatus, elapsedMs: number | null): string {
  const { promptsDone, prompts, measured, clips, cached, failed, state } = status;
  const time = elapsedMs === null ? '' : `${clock(elapsedMs)}  `;
  return `${time}${state}: ${String(promptsDone)} of ${String(prompts)} prompts, ${String(measured)} of ${String(clips)} clips, ${String(cached)} found, ${String(failed)} failed`;
}
