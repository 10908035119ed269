import type { DimensionDifference } from '../campaign/compare.ts';
import type { CampaignRecord } from '../campaign/record.ts';
import { layRadar } from './radar.ts';
import { radarSvg } from './radar-svg.ts';
import { scoreTable } from './score-table.ts';

/** A strip as the page shows it. */
export interface HtmlStrip {
  readonly caption: string;
  /** Address of the picture, relative to the page. */
  readonly source: string;
}

/** What a page is made of. */
export interface ReportParts {
  readonly records: readonly CampaignRecord[];
  /** Differences of each campaign after the first to the first. */
  readonly differences: readonly { readonly label: string; readonly rows: readonly DimensionDifference[] }[];
  readonly strips: readonly HtmlStrip[];
}

/** The report as one page that needs no script and no network. */
export function reportHtml({ records, differences, strips }: ReportParts): string {
  const title = `Campaigns: ${records.map(({ label }) => label).join(', ')}`;
  const radar = layRadar(records, { width: 900, height: 640 });
  const legend = radar.series.map(
    ({ label, colour }) => `<li style="color: rgb(${colour.join(' ')})">${escaped(label)}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem; color: #222 }
  table { border-collapse: collapse; margin: 1rem 0 } td, th { padding: .2rem .8rem; border-bottom: 1px solid #ddd; text-align: left }
  td + td { font-variant-numeric: tabular-nums } figure { margin: 1rem 0 } img { max-width: 100% }
  .ring { fill: none; stroke: #ccc } svg text { font-size: 13px } ul.legend { list-style: square }
</style>
<h1>${escaped(title)}</h1>
<p>${escaped(standing(records))}</p>
<ul class="legend">${legend.join('')}</ul>
${radarSvg(radar)}
<h2>Scores</h2>
${tableOf(scoreTable(records))}
${records.map(aboutCampaign).join('\n')}
${differences.map(({ label, rows }) => `<h2>${escaped(label)}</h2>\n${tableOf(differenceTable(rows))}`).join('\n')}
${strips.length === 0 ? '' : '<h2>Worst and best clips</h2>'}
${strips.map(({ caption, source }) => `<figure><figcaption>${escaped(caption)}</figcaption><img src="${escaped(source)}" alt=""></figure>`).join('\n')}
</html>
`;
}

/** Rows of a comparison, with titles. */
export function differenceTable(rows: readonly DimensionDifference[]): readonly (readonly string[])[] {
  return [
    ['dimension', 'first', 'second', 'difference', '95 % interval', 'prompts', 'clips', 'second is'],
    ...rows.map(({ dimension, one, two, difference, low, high, prompts, pairs, verdict }) => [
      dimension,
      one.toFixed(4),
      two.toFixed(4),
      difference.toFixed(4),
      `${low.toFixed(4)} … ${high.toFixed(4)}`,
      String(prompts),
      String(pairs),
      verdict,
    ]),
  ];
}

/** Whether scores may stand beside the public leaderboard, in words. */
export function standing(records: readonly CampaignRecord[]): string {
  const own = records.filter(({ comparable }) => !comparable).map(({ label }) => label);
  return own.length === 0
    ? 'Comparable with the public leaderboard: every score is by the published model.'
    : `Not comparable with the public leaderboard: ${own.join(', ')} ${own.length > 1 ? 'were' : 'was'} scored by other models than the published ones.`;
}

function aboutCampaign({
  label,
  settings,
  samples,
  prompts,
  failed,
  cost,
  dimensions,
  missing,
}: CampaignRecord): string {
  const models = dimensions.map(({ dimension, model, videos }) => [dimension, model, String(videos)]);
  const share =
    cost.generateMs === 0 ? 'not told' : `${((100 * cost.measureMs) / cost.generateMs).toFixed(1)} % of making`;
  return `<h3>${escaped(label)}</h3>
<p>${prompts.length} prompts, ${samples} clips each, ${failed} failed; settings <code>${escaped(JSON.stringify(settings))}</code>; measuring cost ${share}.</p>
${tableOf([['dimension', 'model', 'clips'], ...models])}
${missing.length === 0 ? '' : `<p>Not measured:</p><ul>${missing.map(({ dimension, reason }) => `<li>${dimension}: ${escaped(reason)}</li>`).join('')}</ul>`}`;
}

function tableOf([titles = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${[line(titles, 'th'), ...rows.map((row) => line(row, 'td'))].join('\n')}</table>`;
}

function escaped(text: string): string {
  const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return text.replace(/[&<>"]/g, (sign) => signs[sign] ?? sign);
}
