import { type Dimension, dimensionNames } from '../formulas/dimensions.ts';
import type { CampaignRecord } from '../campaign/record.ts';

/** A point of a picture, pixels from its top left corner. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** One campaign in the chart. */
export interface RadarSeries {
  readonly label: string;
  /** Red, green, blue. */
  readonly colour: readonly [number, number, number];
  /** A corner for each axis; `null` where the campaign has no score. */
  readonly corners: readonly (Point | null)[];
}

/** A radar chart, laid out: what is drawn as SVG and as pixels. */
export interface Radar {
  readonly width: number;
  readonly height: number;
  readonly centre: Point;
  readonly radius: number;
  readonly axes: readonly { readonly dimension: Dimension; readonly end: Point; readonly label: Point }[];
  readonly series: readonly RadarSeries[];
}

/** Colours that people with any kind of colour vision tell apart: Okabe and Ito's. */
const palette = [
  [0, 114, 178],
  [213, 94, 0],
  [0, 158, 115],
  [204, 121, 167],
  [230, 159, 0],
  [86, 180, 233],
] as const;

/** Colour of the n-th campaign. */
export function seriesColour(index: number): readonly [number, number, number] {
  return palette[index % palette.length] ?? palette[0];
}

/** Lays out the dimensions that any campaign has a score for, the first one at the top and then clockwise. */
export function layRadar(
  records: readonly CampaignRecord[],
  { width, height }: { width: number; height: number },
): Radar {
  const dimensions = dimensionNames.filter((name) =>
    records.some((record) => record.dimensions.some(({ dimension }) => dimension === name)),
  );
  const centre = { x: width / 2, y: height / 2 };
  const radius = Math.min(width, height) / 2 - 60;
  const at = (axis: number, share: number): Point => {
    const angle = (2 * Math.PI * axis) / dimensions.length - Math.PI / 2;
    return { x: centre.x + radius * share * Math.cos(angle), y: centre.y + radius * share * Math.sin(angle) };
  };
  return {
    ...{ width, height, centre, radius },
    axes: dimensions.map((dimension, axis) => ({ dimension, end: at(axis, 1), label: at(axis, 1.1) })),
    series: records.map((record, index) => ({
      label: record.label,
      colour: seriesColour(index),
      corners: dimensions.map((name, axis) => {
        const found = record.dimensions.find(({ dimension }) => dimension === name);
        return found === undefined ? null : at(axis, Math.min(1, Math.max(0, found.normalized)));
      }),
    })),
  };
}
