/**
 * The open fonts that words are drawn with, each an npm package with the SIL Open Font License. The first that has a sign draws it; which
 * Chinese, Japanese or Korean font comes first follows from the language.
 */

/** A family of fonts, in parts by the signs that they have. */
export interface FontFamily {
  /** npm package. */
  readonly package: string;
  /** Ends of the file names of its parts, behind the name of the part. */
  readonly weight: string;
  /** Languages whose signs it writes as they do (primary tag, or primary tag and script or region). */
  readonly languages?: readonly string[];
}

const variable = (name: string, languages?: readonly string[]): FontFamily => ({
  package: `@fontsource-variable/noto-sans${name}`,
  weight: 'wght-normal.woff2',
  ...(languages === undefined ? {} : { languages }),
});
const plain = (name: string, weight = '600-normal.woff2'): FontFamily => ({ package: `@fontsource/${name}`, weight });

/** Families in the order in which they are asked, but for those of Chinese, Japanese and Korean. */
export const fontFamilies: readonly FontFamily[] = [
  variable(''),
  variable('-arabic'),
  variable('-hebrew'),
  variable('-devanagari'),
  variable('-bengali'),
  variable('-tamil'),
  variable('-telugu'),
  variable('-kannada'),
  variable('-sinhala'),
  variable('-oriya'),
  plain('noto-sans-malayalam'),
  plain('hind-vadodara'),
  plain('noto-sans-myanmar'),
  variable('-thai'),
  variable('-khmer'),
  variable('-armenian'),
  variable('-georgian'),
  variable('-ethiopic'),
  variable('-thaana'),
];

/** Families of signs that several languages share, each in its own way. */
export const eastAsianFamilies: readonly FontFamily[] = [
  variable('-jp', ['ja']),
  variable('-kr', ['ko']),
  variable('-tc', ['zh-Hant', 'zh-TW', 'zh-HK', 'zh-MO', 'yue']),
  variable('-sc', ['zh']),
];

/** Families for what no language has. */
export const symbolFamilies: readonly FontFamily[] = [
  variable('-symbols'),
  plain('noto-sans-symbols-2', '400-normal.woff2'),
];
