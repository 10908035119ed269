/**
 * Prompts as CLIP was trained on them: typographic quotes become straight, ligatures letters, wide characters narrow ones, and entities of
 * HTML the characters that they stand for. References: openai/CLIP @a1d0717 clip/simple_tokenizer.py `basic_clean`, which is
 * `ftfy.fix_text` and twice `html.unescape`; mlfoundations/open_clip @89fb801 has the same; ftfy 6.3.1 for its steps and their order.
 *
 * Where we differ: text that was decoded with the wrong encoding is left as it is (ftfy's `fix_encoding`), and so are terminal escapes and
 * names of entities in capitals only (`&EACUTE;`).
 */
import { decodeHTML, decodeHTMLStrict } from 'entities';

/** Letters that ftfy takes apart: 0132 and 0133, 0149, 01C4 … 01CC, 01F1 … 01F3, and FB00 … FB06. */
const ligatures = new Map<string, string>([
  ...Object.entries({ Ĳ: 'IJ', ĳ: 'ij', ŉ: 'ʼn', Ǳ: 'DZ', ǲ: 'Dz', ǳ: 'dz', Ǆ: 'DŽ', ǅ: 'Dž', ǆ: 'dž' }),
  ...Object.entries({ Ǉ: 'LJ', ǈ: 'Lj', ǉ: 'lj', Ǌ: 'NJ', ǋ: 'Nj', ǌ: 'nj', ﬀ: 'ff', ﬁ: 'fi', ﬂ: 'fl', ﬃ: 'ffi' }),
  ...Object.entries({ ﬄ: 'ffl', ﬅ: 'ſt', ﬆ: 'st' }),
]);
const ligature = new RegExp(`[${[...ligatures.keys()].join('')}]`, 'gu');
const control = /[\u0000-\u0008\u000B\u000E-\u001F\u007F\u206A-\u206F\uFEFF\uFFF9-\uFFFC]/gu;

/** The prompt, cleaned, without spaces at its ends. */
export function cleanPrompt(text: string): string {
  const unescaped = text.includes('<') ? text : decodeHTMLStrict(text);
  const fixed = unescaped
    .replace(ligature, (letter) => ligatures.get(letter) ?? letter)
    .replace(/[\u3000\uFF01-\uFFEF]/gu, (wide) => (wide === '\u3000' ? ' ' : wide.normalize('NFKC')))
    .replace(/[“-‟]/gu, '"')
    .replace(/[ʼ‘-‛]/gu, "'")
    .replace(/\r\n|[\r\u2028\u2029\u0085]/gu, '\n')
    .replace(control, '')
    .normalize('NFC');
  return decodeHTML(decodeHTML(fixed)).trim();
}
