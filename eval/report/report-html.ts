import type { DimensionDifference } from '../campaign/compare.ts';
import type { CampaignRecord } from '../campaign/record.ts';
import { differenceTable, settingsTable, shareOfMeasuring, standing } from './report-words.ts';
import { escaped } from './escaped.ts';
import { intervalSvg } from './interval-svg.ts';
import { layRadar, seriesColour } from './radar.ts';
import { radarSvg } from './radar-svg.ts';
import { reportStyle } from './report-style.ts';
import { scoreTable, scoreText } from './score-table.ts';
import { type ShownClip, stripCaption } from './strips.ts';

/** A strip as the page shows it. */
export interface HtmlStrip {
  readonly clip: ShownClip;
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
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${reportStyle}</style>
<h1>${records.map(({ label }, index) => `<span class="label">${swatch(index)}${escaped(label)}</span>`).join(' ')}</h1>
<p class="standing">${escaped(standing(records))}</p>
<section class="overview">
${radarSvg(layRadar(records, { width: 760, height: 600 }))}
${scores(records)}
</section>
${differences.map(differenceSection).join('\n')}
${stripSections(strips)}
<h2>How the clips were made</h2>
${plainTable(settingsTable(records))}
<h2>Who scored</h2>
${records.map(aboutCampaign).join('\n')}
</html>
`;
}

function scores(records: readonly CampaignRecord[]): string {
  const titles = records.map(({ label }, index) => `<th class="number">${swatch(index)}${escaped(label)}</th>`);
  const rows = scoreTable(records).map(({ name, values, best }) => {
    const cells = values.map(
      (value, index) => `<td class="number${best.has(index) ? ' best' : ''}">${scoreText(value)}</td>`,
    );
    return `<tr><td>${escaped(name)}</td>${cells.join('')}</tr>`;
  });
  return `<table class="scores"><tr><th>dimension</th>${titles.join('')}</tr>${rows.join('\n')}</table>`;
}

function differenceSection({ label, rows }: ReportParts['differences'][number]): string {
  const widest = Math.max(...rows.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]), 1e-9);
  const [titles = [], ...cells] = differenceTable(rows);
  const lines = rows.map((row, index) => {
    const own = (cells[index] ?? []).map((cell, column) => `<td${numberClass(column)}>${escaped(cell)}</td>`);
    return `<tr class="${row.verdict.split(' ')[0]}">${own.join('')}<td>${intervalSvg(row, widest)}</td></tr>`;
  });
  const heads = titles.map((title, column) => `<th${numberClass(column)}>${escaped(title)}</th>`);
  return `<h2>${escaped(label)}</h2>
<table class="differences"><tr>${heads.join('')}<th></th></tr>${lines.join('\n')}</table>`;
}

/** Columns between the first and the last are numbers. */
function numberClass(column: number): string {
  return column > 0 && column < 7 ? ' class="number"' : '';
}

function stripSections(strips: readonly HtmlStrip[]): string {
  if (strips.length === 0) return '';
  const dimensions = [...new Set(strips.map(({ clip }) => clip.dimension))];
  const sections = dimensions.map((dimension) => {
    const figures = strips
      .filter(({ clip }) => clip.dimension === dimension)
      .map(
        ({ clip, source }) =>
          `<figure class="${escaped(clip.rank)}"><img src="${escaped(source)}" alt="" loading="lazy"><figcaption>${escaped(stripCaption(clip))}</figcaption></figure>`,
      );
    return `<h3>${escaped(dimension.replaceAll('_', ' '))}</h3><div class="strips">${figures.join('\n')}</div>`;
  });
  return `<h2>Worst and best clips</h2>\n${sections.join('\n')}`;
}

function aboutCampaign(record: CampaignRecord, index: number): string {
  const { label, dimensions, missing } = record;
  const models = dimensions.map(({ dimension, model, videos }) => [dimension, model, String(videos)]);
  const absent = missing.map(({ dimension, reason }) => `<li>${escaped(dimension)}: ${escaped(reason)}</li>`);
  return `<details><summary>${swatch(index)}${escaped(label)}: ${escaped(shareOfMeasuring(record))}</summary>
${plainTable([['dimension', 'model', 'clips'], ...models])}
${absent.length === 0 ? '' : `<p>Not measured:</p><ul>${absent.join('')}</ul>`}</details>`;
}

function plainTable([titles = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${[line(titles, 'th'), ...rows.map((row) => line(row, 'td'))].join('\n')}</table>`;
}

function swatch(index: number): string {
  return `<i style="background: rgb(${seriesColour(index).join(' ')})"></i>`;
}
