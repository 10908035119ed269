import { harmlessLine } from '../../errors/harmless-text.ts';

const signs: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text for a page or a drawing, between tags or in quotes: it forms no tag, ends no quote, and shows what it hides. */
export function escaped(text: string): string {
  return harmlessLine(text).replace(/[&<>"']/g, (sign) => signs[sign] ?? sign);
}
