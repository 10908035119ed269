import type { CampaignStatus, PromptInput } from './campaign-contracts.ts';
import { code, oneLine, plain } from './captions.ts';

/** Summary of the child that makes the clips of a prompt. */
export function promptSummary({ index, prompt }: PromptInput): string {
  return oneLine(`${index}: ${prompt.prompt_en}`);
}

/** Summary of a campaign. */
export function campaignSummary(label: string, numClips: number): string {
  return oneLine(`campaign ${label} · ${numClips} clips`);
}

/** What the Temporal UI shows of a running campaign. */
export function campaignDetails(status: CampaignStatus): string {
  const { state, label, promptsDone, prompts, measured, cached, failed, clips, generateMs, measureMs, summary } =
    status;
  const share = generateMs === 0 ? '' : `; measuring cost ${((100 * measureMs) / generateMs).toFixed(1)} % of making`;
  const rows = (summary?.dimensions ?? []).map(
    ({ dimension, score, videos, model }) => `| ${dimension} | ${score.toFixed(4)} | ${videos} | ${code(model)} |`,
  );
  const table = ['| dimension | score | clips | model |', '| --- | --- | --- | --- |', ...rows].join('\n');
  return [
    `**${state}** ${plain(label)}: ${promptsDone} of ${prompts} prompts, ${measured} of ${clips} clips measured, ${cached} found, ${failed} failed${share}`,
    ...(rows.length === 0 ? [] : [table]),
  ].join('\n\n');
}
