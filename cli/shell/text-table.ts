import stringWidth from 'string-width';
import { harmlessLine } from '../../errors/harmless-text.ts';

/** A column of a text table. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Cuts text to a width in terminal cells (wide characters count two) and marks the cut with an ellipsis. */
export function clip(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  if (width <= 0) return '';
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Pads text to a width in terminal cells. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const gap = ' '.repeat(Math.max(0, width - stringWidth(text)));
  return align === 'left' ? text + gap : gap + text;
}

/** Lays rows out under column titles, two spaces apart, without trailing spaces. Cells are made harmless, so that each is as wide as it looks. */
export function textTable(columns: readonly Column[], cells: readonly (readonly string[])[]): string[] {
  const rows = cells.map((row) => row.map(harmlessLine));
  const titles = columns.map(({ title }) => title);
  const widths = columns.map((_, index) => Math.max(...[titles, ...rows].map((row) => stringWidth(row[index] ?? ''))));
  return [titles, ...rows].map((row) =>
    columns
      .map(({ align }, index) => pad(row[index] ?? '', widths[index] ?? 0, align))
      .join('  ')
      .trimEnd(),
  );
}
