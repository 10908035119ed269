import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GlobalFonts } from '@napi-rs/canvas';
import { eastAsianFamilies, fontFamilies, symbolFamilies } from './font-table.ts';
import type { FontFamily } from './font-table.ts';

/**
 * Which fonts draw a text. Fonts come in parts of a few hundred signs; a part is read when a text needs it, and stays for the life of the
 * process.
 */

/** A part of a font: a file, and the signs that it has. */
interface FontPart {
  readonly name: string;
  readonly file: string;
  readonly ranges: readonly (readonly [first: number, last: number])[];
}

const require = createRequire(import.meta.url);
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`));

/** Coloured pictures. Signs that a text may show plainly (digits, ©) are among them, so they come when nothing else has one, or when asked for. */
const emojiPackage = '@infolektuell/noto-color-emoji';
const laoPackage = '@expo-google-fonts/noto-sans-lao';

const partsOfFamily = remembered((family: FontFamily): readonly FontPart[] => {
  const folder = folderOf(family.package);
  const stem = family.package.replace(/^.*\//, '');
  const table = JSON.parse(readFileSync(join(folder, 'unicode.json'), 'utf8')) as Record<string, string>;
  return Object.entries(table).map(([key, ranges]) => {
    const part = key.replace(/[[\]]/g, '');
    return {
      name: `${stem}-${part}`,
      file: join(folder, 'files', `${stem}-${part}-${family.weight}`),
      ranges: rangesOf(ranges),
    };
  });
});

const emojiParts = once((): readonly FontPart[] => {
  const folder = folderOf(emojiPackage);
  const css = readFileSync(join(folder, 'index.css'), 'utf8');
  return [...css.matchAll(/url\(\.\/files\/(\d+)\.woff2\)[^}]*unicode-range: ([^;]+);/g)].map(
    ([, part = '', ranges = '']) => ({
      name: `emoji-${part}`,
      file: join(folder, 'files', `${part}.woff2`),
      ranges: rangesOf(ranges),
    }),
  );
});

const laoPart = once((): FontPart => ({
  name: 'noto-sans-lao',
  file: join(folderOf(laoPackage), '600SemiBold', 'NotoSansLao_600SemiBold.ttf'),
  ranges: [[0x0e80, 0x0eff]],
}));

/** `U+0-ff,U+131` */
function rangesOf(written: string): FontPart['ranges'] {
  return written.split(',').map((range) => {
    const [first = '', last = first] = range.trim().replace(/^U\+/i, '').split('-');
    return [Number.parseInt(first, 16), Number.parseInt(last, 16)];
  });
}

/** Signs that are not drawn: they join, part and direct others. */
const unseen = /[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}]/u;

/** The signs of a text that no font has, each once. */
export function missingSigns(text: string): readonly string[] {
  const all = orderFor(text, undefined);
  return [...new Set(Array.from(text))].filter((sign) => !unseen.test(sign) && partFor(sign, all) === null);
}

/**
 * The fonts that draw a text, as a list for the `font` of a canvas.
 * @param language - A tag of BCP 47: Chinese, Japanese and Korean write the same signs in different ways.
 */
export function fontsFor(text: string, language: string | undefined): string {
  const order = orderFor(text, language);
  const signs = [...new Set(Array.from(`${text} …`))];
  const parts = new Set(signs.flatMap((sign) => partFor(sign, order) ?? []));
  const inOrder = order.filter((part) => parts.has(part));
  for (const part of inOrder) register(part);
  return inOrder.map(({ name }) => `"${name}"`).join(', ');
}

const register = remembered((part: FontPart): true => {
  if (GlobalFonts.registerFromPath(part.file, part.name) === null)
    throw new Error(`the font ${part.file} cannot be read`);
  return true;
});

function partFor(sign: string, order: readonly FontPart[]): FontPart | null {
  const point = sign.codePointAt(0) ?? 0;
  return order.find(({ ranges }) => ranges.some(([first, last]) => point >= first && point <= last)) ?? null;
}

/** Parts of all fonts, in the order in which they are asked for this text. */
function orderFor(text: string, language: string | undefined): readonly FontPart[] {
  const pictures = emojiParts();
  const asked = /\p{Emoji_Presentation}|\ufe0f|\u20e3/u.test(text);
  return [
    ...fontFamilies.slice(0, 1).flatMap(partsOfFamily),
    ...(asked ? pictures : []),
    ...fontFamilies.slice(1).flatMap(partsOfFamily),
    laoPart(),
    ...inLanguage(text, language).flatMap(partsOfFamily),
    ...symbolFamilies.flatMap(partsOfFamily),
    ...pictures,
  ];
}

/** Fonts of East Asia, that of the language first; where none is said, that of the signs that only one language has. */
function inLanguage(text: string, language: string | undefined): readonly FontFamily[] {
  const tag = language ?? guessed(text);
  const fits = ({ languages = [] }: FontFamily): boolean =>
    languages.some((each) => tag === each || tag.startsWith(`${each}-`));
  return [...eastAsianFamilies.filter(fits), ...eastAsianFamilies.toReversed()];
}

function guessed(text: string): string {
  if (/[\p{sc=Hiragana}\p{sc=Katakana}]/u.test(text)) return 'ja';
  return /\p{sc=Hangul}/u.test(text) ? 'ko' : 'zh';
}

function remembered<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}

function once<Value>(make: () => Value): () => Value {
  const known = remembered(() => make());
  return () => known(null);
}
