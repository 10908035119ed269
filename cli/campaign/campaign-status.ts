import type { CampaignSummary } from '../../eval/campaign/contracts.ts';
import type { CampaignStatus } from '../../workflows/campaign-contracts.ts';
import { textTable } from '../shell/text-table.ts';
import { clock, roughly } from '../shell/time-format.ts';

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
    ...missingLines(missing),
    `mean ${mean === null ? 'none' : mean.toFixed(4)}; ${String(failed)} clips failed${shareOf(cost)}`,
  ];
}

/** A line for each reason. */
function missingLines(missing: CampaignSummary['missing']): string[] {
  return [...new Set(missing.map(({ reason }) => reason))].map((reason) => {
    const own = missing.filter((each) => each.reason === reason).map(({ dimension }) => dimension);
    return `not measured, ${reason}: ${own.join(', ')}`;
  });
}

function shareOf({ generateMs, measureMs, clips }: CampaignSummary['cost']): string {
  if (generateMs === 0) return '';
  return `; measuring cost ${((100 * measureMs) / generateMs).toFixed(1)} % of making (${String(clips)} clips made here)`;
}

/** A campaign when one began to follow it. */
export interface FirstLook {
  readonly atMs: number;
  readonly promptsDone: number;
}

/** Prompts that must be done before anything is said of the rest: those under way at first hardly count. */
const leastPrompts = 3;

/** Milliseconds that the rest takes at the pace since the first look; `null` while there is no pace. */
export function campaignRemainingMs(
  { atMs, promptsDone }: FirstLook,
  status: CampaignStatus,
  nowMs: number,
): number | null {
  const done = status.promptsDone - promptsDone;
  return done < leastPrompts ? null : ((nowMs - atMs) / done) * (status.prompts - status.promptsDone);
}

/** How far a campaign is, in a line; with the first look at it also how long one has waited and will. */
export function statusLine(status: CampaignStatus, first: FirstLook | null = null, nowMs = Date.now()): string {
  const { promptsDone, prompts, measured, clips, cached, failed, state } = status;
  const time = first === null ? '' : `${clock(nowMs - first.atMs)}  `;
  const left = first === null ? null : campaignRemainingMs(first, status, nowMs);
  const rest = left === null ? '' : `; ${roughly(left)} left`;
  return `${time}${state}: ${String(promptsDone)} of ${String(prompts)} prompts, ${String(measured)} of ${String(clips)} clips, ${String(cached)} found, ${String(failed)} failed${rest}`;
}
