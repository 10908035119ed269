import type { DimensionDifference } from '../campaign/compare.ts';
import type { CampaignRecord } from '../campaign/record.ts';

/** Rows of a comparison, with titles. */
export function differenceTable(rows: readonly DimensionDifference[]): readonly (readonly string[])[] {
  return [
    ['dimension', 'first', 'second', 'difference', '95 % interval', 'prompts', 'clips', 'second is'],
    ...rows.map(({ dimension, one, two, difference, low, high, prompts, pairs, verdict }) => [
      dimension,
      one.toFixed(4),
      two.toFixed(4),
      signed(difference),
      `${signed(low)} … ${signed(high)}`,
      String(prompts),
      String(pairs),
      verdict,
    ]),
  ];
}

function signed(value: number): string {
  const text = value.toFixed(4);
  return Number(text) === 0 ? text.replace('-', '') : `${value > 0 ? '+' : ''}${text}`;
}

/** Whether scores may stand beside the public leaderboard, in words. */
export function standing(records: readonly CampaignRecord[]): string {
  const own = records.filter(({ comparable }) => !comparable).map(({ label }) => label);
  return own.length === 0
    ? 'Comparable with the public leaderboard: every score is by the published model.'
    : `Not comparable with the public leaderboard: ${own.join(', ')} ${own.length > 1 ? 'were' : 'was'} scored by other models than the published ones.`;
}

/** How campaigns were made, side by side: a row for each setting that any of them has. */
export function settingsTable(records: readonly CampaignRecord[]): readonly (readonly string[])[] {
  const facts = records.map(
    ({ suite, models, prompts, samples, failed, clips, settings }): Readonly<Record<string, unknown>> => ({
      suite,
      models,
      prompts: prompts.length,
      'clips per prompt': samples,
      'clips failed': failed,
      ...(clips === undefined
        ? {}
        : { 'frames per second': clips.fps, 'frames measured': measuredFrames[clips.stage] }),
      ...settings,
    }),
  );
  const names = [...new Set(facts.flatMap((each) => Object.keys(each)))];
  return [
    ['', ...records.map(({ label }) => label)],
    ...names.map((name) => [name, ...facts.map((each) => factText(each[name]))]),
  ];
}

const measuredFrames = { decode: "the base model's own", interp: 'interpolated' } as const;

function factText(value: unknown): string {
  if (value === undefined) return '-';
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return Object.entries(value)
    .map(([name, part]) => `${name} ${JSON.stringify(part)}`)
    .join(', ');
}

/** What measuring cost beside making, in words. */
export function shareOfMeasuring({ cost, samples, prompts }: CampaignRecord): string {
  const clips = `${prompts.length} ${prompts.length === 1 ? 'prompt' : 'prompts'}, ${samples} ${samples === 1 ? 'clip' : 'clips'} each`;
  if (cost.generateMs === 0) return clips;
  const share = ((100 * cost.measureMs) / cost.generateMs).toFixed(1);
  return `${clips}; measuring cost ${share} % of making (${cost.clips} clips made and measured here)`;
}
