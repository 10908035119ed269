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

/** One dimension of the chart. */
export interface RadarAxis {
  readonly dimension: Dimension;
  /** Normalised scores at the centre and at the rim. */
  readonly low: number;
  readonly high: number;
  readonly end: Point;
  readonly label: Point;
}

/** A radar chart, laid out: what is drawn as SVG and as pixels. */
export interface Radar {
  readonly width: number;
  readonly height: number;
  readonly centre: Point;
  readonly radius: number;
  readonly axes: readonly RadarAxis[];
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

/** Share of the radius inside which nothing is drawn: corners of low scores stay apart from each other. */
const hub = 0.12;

/** Colour of the n-th campaign. */
export function seriesColour(index: number): readonly [number, number, number] {
  return palette[index % palette.length] ?? palette[0];
}

/** Names the range of an axis: `0.85 … 1`. */
export function axisRange({ low, high }: RadarAxis): string {
  return `${low} … ${high}`;
}

/**
 * Lays out the dimensions that any campaign has a score for, the first one at the top and then clockwise. One campaign is drawn from
 * 0 to 1. Several are drawn each axis on a range of its own, which its label says: differences of a hundredth are what one
 * looks for, and would not be seen otherwise. `inset` is the room of the labels, pixels.
 */
export function layRadar(
  records: readonly CampaignRecord[],
  { width, height, inset = 70 }: { readonly width: number; readonly height: number; readonly inset?: number },
): Radar {
  const normalizedOf = (record: CampaignRecord, name: Dimension): number | null => {
    const found = record.dimensions.find(({ dimension }) => dimension === name);
    return found === undefined ? null : Math.min(1, Math.max(0, found.normalized));
  };
  const dimensions = dimensionNames.filter((name) => records.some((record) => normalizedOf(record, name) !== null));
  const centre = { x: width / 2, y: height / 2 };
  const radius = Math.min(width, height) / 2 - inset;
  const at = (axis: number, share: number): Point => {
    const angle = (2 * Math.PI * axis) / dimensions.length - Math.PI / 2;
    return { x: centre.x + radius * share * Math.cos(angle), y: centre.y + radius * share * Math.sin(angle) };
  };
  const axes = dimensions.map((dimension, axis): RadarAxis => {
    const values = records.flatMap((record) => normalizedOf(record, dimension) ?? []);
    return { dimension, ...rangeOf(values), end: at(axis, 1), label: at(axis, 1.1) };
  });
  return {
    width,
    height,
    centre,
    radius,
    axes,
    series: records.map((record, index) => ({
      label: record.label,
      colour: seriesColour(index),
      corners: axes.map(({ dimension, low, high }, axis) => {
        const value = normalizedOf(record, dimension);
        return value === null ? null : at(axis, hub + (1 - hub) * ((value - low) / (high - low)));
      }),
    })),
  };
}

/** Steps in which a range grows, and the least it spans. */
const rangeStep = 0.05;
const leastSpan = 0.1;

/** A range of round numbers around some values of 0 … 1. */
function rangeOf(values: readonly number[]): { readonly low: number; readonly high: number } {
  if (values.length < 2) return { low: 0, high: 1 };
  const rounded = (steps: number): number => Number((steps * rangeStep).toFixed(2));
  const high = Math.min(1, rounded(Math.ceil(Math.max(...values) / rangeStep - 1e-9)));
  const below = rounded(Math.floor(Math.min(...values) / rangeStep + 1e-9));
  return { low: Math.max(0, Math.min(below, Number((high - leastSpan).toFixed(2)))), high: Math.max(high, leastSpan) };
}
