import type { DimensionDifference } from '../campaign/compare.ts';

const width = 160;
const height = 14;

/** An interval on a line with zero in its middle, as SVG; `widest` is the difference at the ends of the line. */
export function intervalSvg({ low, high, difference, verdict }: DimensionDifference, widest: number): string {
  const at = (value: number): string => ((width / 2) * (1 + (0.96 * value) / widest)).toFixed(1);
  const colour = {
    higher: '#1a7f37',
    lower: '#b3261e',
    'no difference shown': '#9aa4af',
    'too few prompts': '#9aa4af',
  }[verdict];
  const middle = height / 2;
  return [
    `<svg width="${width}" height="${height}" aria-hidden="true">`,
    `<path d="M${width / 2} 0V${height}" stroke="#b7bfc8"/>`,
    `<path d="M${at(low)} ${middle}H${at(high)}" stroke="${colour}" stroke-width="3" stroke-linecap="round"/>`,
    `<circle cx="${at(difference)}" cy="${middle}" r="4" fill="${colour}"/></svg>`,
  ].join('');
}
