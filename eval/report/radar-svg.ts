import { escaped } from './escaped.ts';
import { axisRange, type Point, type Radar } from './radar.ts';

/** A radar chart as SVG, for the HTML report. */
export function radarSvg({ width, height, centre, radius, axes, series }: Radar): string {
  const rings = [0.25, 0.5, 0.75, 1].map(
    (share) => `<circle cx="${fixed(centre.x)}" cy="${fixed(centre.y)}" r="${fixed(radius * share)}" class="ring"/>`,
  );
  const spokes = axes.map(({ end }) => `<path d="${pathOf([centre, end])}" class="ring"/>`);
  const names = axes.map((axis) => {
    const { dimension, label } = axis;
    const anchor = Math.abs(label.x - centre.x) < 5 ? 'middle' : label.x < centre.x ? 'end' : 'start';
    const line = (dy: number, words: string, style: string): string =>
      `<text x="${fixed(label.x)}" y="${fixed(label.y + dy)}" text-anchor="${anchor}" class="${style}">${escaped(words)}</text>`;
    return line(0, dimension.replaceAll('_', ' '), 'axis') + line(15, axisRange(axis), 'range');
  });
  const shapes = series.map(({ colour, corners }) => {
    const paint = `rgb(${colour.join(' ')})`;
    const points = corners.filter((corner) => corner !== null);
    const dots = points.map(({ x, y }) => `<circle cx="${fixed(x)}" cy="${fixed(y)}" r="3" fill="${paint}"/>`);
    return `<path d="${pathOf(points)}Z" fill="${paint}" fill-opacity="0.08" stroke="${paint}" stroke-width="2" stroke-linejoin="round"/>${dots.join('')}`;
  });
  return `<svg viewBox="0 0 ${width} ${height}" class="radar" role="img" aria-label="radar chart">${[...rings, ...spokes, ...shapes, ...names].join('\n')}</svg>`;
}

function pathOf(points: readonly Point[]): string {
  return points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${fixed(x)} ${fixed(y)}`).join('');
}

function fixed(value: number): string {
  return value.toFixed(1);
}
