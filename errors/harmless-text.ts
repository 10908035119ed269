/**
 * Text that others wrote, as it may be shown: ids, titles, prompts, file names, what servers answer. Characters that steer a
 * terminal or a page, or that nobody sees, become escapes of JSON (`\u001b`); so JSON stays the same JSON.
 *
 * Escaped are control characters (C0, C1, ANSI begins with one), line and paragraph separators, halves of characters, and whatever
 * Unicode calls ignorable by default: what turns the direction of text, joiners, variation selectors, tags, fillers. Of those, what
 * writing needs stays where it needs it, one at a time, so that nothing can be hidden in a row of them:
 */
const needed = [
  // Emoji that are joined, shown in colours or not, keys of a telephone, and the three flags that are made of tags.
  String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})`,
  String.raw`(?<=(?![#*0-9])\p{Emoji})[\ufe0e\ufe0f]`,
  String.raw`(?<=[#*0-9])\ufe0f(?=\u20e3)`,
  String.raw`(?<=\u{1f3f4})\u{e0067}\u{e0062}(?:\u{e0065}\u{e006e}\u{e0067}|\u{e0073}\u{e0063}\u{e0074}|\u{e0077}\u{e006c}\u{e0073})\u{e007f}`,
  // Joiners between letters of scripts that join, and after the sign that takes a vowel away.
  String.raw`(?<=JOINING)[\u200c\u200d](?=JOINING)`,
  String.raw`(?<=[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca])[\u200c\u200d]`,
  // Forms of letters that the script tells apart.
  String.raw`(?<=\p{sc=Mongolian})[\u180b-\u180f]`,
  String.raw`(?<=[\p{sc=Myanmar}\p{sc=Phags_Pa}])\ufe00`,
  String.raw`(?<=\p{sc=Han})[\ufe00-\ufe02\u{e0100}-\u{e01ef}]`,
];

/** Scripts whose letters take another form beside a joiner. */
const joining = [
  'Arabic Syriac Nko Mandaic Mongolian Phags_Pa Adlam Hanifi_Rohingya',
  'Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala',
  'Khmer Myanmar Balinese Javanese Sundanese Tai_Tham Newa Chakma Grantha Limbu',
].flatMap((row) => row.split(' '));
/** A letter or sign of one of them; signs that all scripts share are of none. */
const joiningLetter = String.raw`(?:(?=[\p{L}\p{M}])[${joining.map((script) => `\\p{scx=${script}}`).join('')}])`;

const risky = new RegExp(
  [
    ...needed.map((each) => each.replaceAll('JOINING', joiningLetter)),
    // U+2800 is a sign of Braille without dots; U+FFF9 to U+FFFB enclose notes that nobody shows.
    String.raw`([\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u2800])`,
  ].join('|'),
  'gu',
);

/** One line of text that others wrote: line breaks and tabs are escaped, too. */
export function harmlessLine(text: string): string {
  return text.replace(risky, (found, character?: string) => (character === undefined ? found : escapeOf(character)));
}

/** Several lines of text that others wrote: line breaks and tabs stay. */
export function harmlessText(text: string): string {
  return text
    .split(/([\n\t])/)
    .map((part) => (part === '\n' || part === '\t' ? part : harmlessLine(part)))
    .join('');
}

/** The UTF-16 halves of a character, as JSON writes them. */
function escapeOf(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    const half = character.charCodeAt(index).toString(16).padStart(4, '0');
    return `\\u${half}`;
  }).join('');
}
