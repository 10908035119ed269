import { captionLines, drawCaption } from '../../media/caption.ts';
import { blankPicture, type Colour, drawArea, drawBox, drawLine, drawPicture, drawRing } from '../../media/drawing.ts';
import type { RgbPicture } from '../../media/picture.ts';
import type { CampaignRecord } from '../campaign/record.ts';
import { axisRange, layRadar, type Radar, seriesColour } from './radar.ts';
import { scoreTable, scoreText } from './score-table.ts';
import { type Strip, stripCaption, stripWidth } from './strips.ts';

const paper: Colour = [255, 255, 255];
const ink: Colour = [31, 35, 40];
const pale: Colour = [129, 139, 152];
const grey: Colour = [216, 222, 228];
const stripe: Colour = [246, 248, 250];
const margin = 24;
/** Side of one dot of a letter, pixels, and what a letter and a line take. */
const dot = 2;
const letter = 6 * dot;
const line = 26;
const labelLine = 18;
const chart = { width: 780, height: 620, inset: 95 };
const width = 2 * margin + 2 * stripWidth + margin;
/** Room of the table beside the chart. */
const table = { left: margin + chart.width + margin, width: width - 2 * margin - chart.width - margin };
const nameWidth = 26 * letter;

/** The whole report as one picture: chart and table side by side, and under them the worst and the best clip of each dimension. */
export function reportPicture(records: readonly CampaignRecord[], strips: readonly Strip[]): RgbPicture {
  const rows = scoreTable(records);
  const legendHeight = records.length * line + line;
  const tableHeight = legendHeight + (rows.length + 2) * line;
  const top = margin + Math.max(chart.height, tableHeight) + margin;
  const pairs = pairsOf(strips);
  const stripHeight = Math.max(0, ...strips.map(({ picture }) => picture.height)) + 2 * line;
  const sheet = blankPicture(width, top + pairs.length * stripHeight + margin, paper);
  drawRadar(sheet, layRadar(records, chart));
  drawLegend(sheet, records);
  drawTable(sheet, records, margin + legendHeight);
  pairs.forEach((pair, index) => {
    const y = top + index * stripHeight;
    pair.forEach(({ clip, picture }, side) => {
      const x = margin + side * (stripWidth + margin);
      const words = side === 0 ? `${clip.dimension.replaceAll('_', ' ')}, ` : '';
      const [caption = ''] = captionLines(words + stripCaption(clip), dot, stripWidth, 1);
      drawCaption(sheet, [caption], { x, y }, dot, ink);
      drawPicture(sheet, picture, x, y + line);
    });
  });
  return sheet;
}

/** The worst and the best of all campaigns together, by dimension. */
function pairsOf(strips: readonly Strip[]): readonly (readonly Strip[])[] {
  const dimensions = [...new Set(strips.map(({ clip }) => clip.dimension))];
  return dimensions.map((dimension) => {
    const own = strips.filter(({ clip }) => clip.dimension === dimension);
    const sorted = own.toSorted((one, two) => one.clip.score - two.clip.score);
    return [sorted[0], sorted.at(-1)].filter((strip) => strip !== undefined);
  });
}

function drawLegend(sheet: RgbPicture, records: readonly CampaignRecord[]): void {
  records.forEach(({ label, models, prompts, samples }, index) => {
    const y = margin + index * line;
    drawLine(sheet, { x: table.left + 6, y: y + 7 }, { x: table.left + 22, y: y + 7 }, 8, seriesColour(index));
    const text = `${label} (${models}, ${String(prompts.length)}x${String(samples)} clips)`;
    const [words = ''] = captionLines(text, dot, table.width - 40, 1);
    drawCaption(sheet, [words], { x: table.left + 36, y }, dot, ink);
  });
}

function drawTable(sheet: RgbPicture, records: readonly CampaignRecord[], top: number): void {
  const column = Math.floor((table.width - nameWidth) / records.length);
  const endOf = (index: number): number => table.left + nameWidth + (index + 1) * column;
  const draw = (text: string, end: number, y: number, colour: Colour): void => {
    drawCaption(sheet, [text], { x: Math.round(end - text.length * letter), y }, dot, colour);
  };
  records.forEach(({ label }, index) => {
    draw(label.slice(0, Math.floor(column / letter) - 1), endOf(index), top, seriesColour(index));
  });
  scoreTable(records).forEach(({ name, values, best }, row) => {
    const y = top + (row + 1) * line;
    if (row % 2 === 0) drawBox(sheet, { left: table.left, top: y - 6, width: table.width, height: line }, stripe);
    drawCaption(sheet, [name], { x: table.left + 4, y }, dot, ink);
    values.forEach((value, index) => {
      draw(scoreText(value), endOf(index), y, best.has(index) || best.size === 0 ? ink : pale);
      // Drawn twice, a dot apart, letters are bold.
      if (best.has(index)) draw(scoreText(value), endOf(index) + 1, y, ink);
    });
  });
}

function drawRadar(sheet: RgbPicture, { centre, radius, axes, series }: Radar): void {
  const place = ({ x, y }: { readonly x: number; readonly y: number }) => ({ x: x + margin, y: y + margin });
  for (const share of [0.25, 0.5, 0.75, 1]) drawRing(sheet, place(centre), radius * share, grey);
  for (const { end } of axes) drawLine(sheet, place(centre), place(end), 1, grey);
  for (const { colour, corners } of series) {
    const points = corners.filter((corner) => corner !== null).map(place);
    if (points.length > 0) drawArea(sheet, points, colour, { opacity: 0.08, linePx: 3 });
  }
  for (const axis of axes) {
    const { x, y } = place(axis.label);
    const write = (text: string, top: number, colour: Colour): void => {
      const wide = text.length * letter;
      // Above and below the chart neighbours are close; in the middle of their axes they have room.
      const isUpright = Math.abs(axis.label.x - centre.x) < 0.3 * radius;
      const left = isUpright ? x - wide / 2 : axis.label.x < centre.x ? x - wide : x;
      drawCaption(sheet, [text], { x: Math.round(left), y: Math.round(top) }, dot, colour);
    };
    const words = axis.dimension.split('_');
    // Labels grow away from the chart: up above it, down below it, both ways beside it.
    const height = (words.length + 1) * labelLine;
    const top = y - height * (0.5 - (0.5 * (axis.end.y - centre.y)) / radius);
    words.forEach((word, index) => {
      write(word, top + index * labelLine, ink);
    });
    write(axisRange(axis).replace(' … ', '-'), top + words.length * labelLine, pale);
  }
}
