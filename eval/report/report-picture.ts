import { drawCaption } from '../../media/caption.ts';
import { blankPicture, drawArea, drawLine, drawPicture, drawRing } from '../../media/drawing.ts';
import type { RgbPicture } from '../../media/picture.ts';
import type { CampaignRecord } from '../campaign/record.ts';
import { layRadar, type Radar } from './radar.ts';
import type { Strip } from './strips.ts';
import { scoreTable } from './score-table.ts';

const paper = [255, 255, 255] as const;
const ink = [40, 40, 40] as const;
const grey = [205, 205, 205] as const;
const chart = { width: 900, height: 640 };
const margin = 20;
const rowHeight = 22;
/** Side of one dot of a letter, pixels. */
const dot = 2;

/** The whole report as one picture: chart, table, and the strips of the worst and best clips. */
export function reportPicture(records: readonly CampaignRecord[], strips: readonly Strip[]): RgbPicture {
  const table = scoreTable(records);
  const stripRow = Math.max(0, ...strips.map(({ picture }) => picture.height + 2 * rowHeight));
  const tableTop = chart.height + records.length * rowHeight + margin;
  const stripsTop = tableTop + (table.length + 1) * rowHeight + margin;
  const width = Math.max(chart.width, ...strips.map(({ picture }) => picture.width + 2 * margin));
  const sheet = blankPicture(width, stripsTop + strips.length * stripRow + margin, paper);
  drawRadar(sheet, layRadar(records, chart));
  records.forEach((record, index) => {
    const y = chart.height + index * rowHeight;
    const colour = layRadar(records, chart).series[index]?.colour ?? ink;
    drawLine(sheet, { x: margin, y: y + 7 }, { x: margin + 24, y: y + 7 }, 5, colour);
    drawCaption(sheet, [`${record.label} (${record.suite}, ${record.models})`], { x: margin + 36, y }, dot, ink);
  });
  table.forEach((row, index) => {
    row.forEach((cell, column) => {
      const x = column === 0 ? margin : margin + 340 + (column - 1) * 170;
      if (x + cell.length * 6 * dot < sheet.width) {
        drawCaption(sheet, [cell], { x, y: tableTop + index * rowHeight }, dot, ink);
      }
    });
  });
  strips.forEach(({ caption, picture }, index) => {
    const y = stripsTop + index * stripRow;
    const room = Math.floor((sheet.width - 2 * margin) / (6 * dot));
    drawCaption(sheet, [caption.slice(0, room)], { x: margin, y }, dot, ink);
    drawPicture(sheet, picture, margin, y + rowHeight);
  });
  return sheet;
}

function drawRadar(sheet: RgbPicture, { centre, radius, axes, series }: Radar): void {
  for (const share of [0.25, 0.5, 0.75, 1]) drawRing(sheet, centre, radius * share, grey);
  for (const { end } of axes) drawLine(sheet, centre, end, 1, grey);
  for (const { colour, corners } of series) {
    const points = corners.filter((corner) => corner !== null);
    if (points.length > 0) drawArea(sheet, points, colour, { opacity: 0.12, linePx: 2 });
  }
  for (const { dimension, label } of axes) {
    const text = dimension.replaceAll('_', ' ');
    const wide = text.length * 6 * dot;
    const left = label.x < centre.x - 5 ? label.x - wide : label.x > centre.x + 5 ? label.x : label.x - wide / 2;
    const x = Math.round(Math.min(Math.max(4, left), sheet.width - wide - 4));
    drawCaption(sheet, [text], { x, y: Math.round(label.y - 7) }, dot, ink);
  }
}
