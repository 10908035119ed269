/**
 * Text that others wrote, as it may be shown: ids, titles, prompts, file names, what servers answer. Characters that steer a
 * terminal or a page, or that nobody sees, become escapes of JSON (`\u001b`); so JSON stays the same JSON.
 *
 * Escaped are control characters (C0, C1, ANSI begins with one), what turns the direction of text, line and paragraph separators,
 * and whatever has no width: all of Unicode's category Cf but for the signs that Arabic and Syriac write with, fillers, and halves
 * of characters. Joiners stay where writing needs them: in emoji and between letters of scripts that join.
 */
const risky = new RegExp(
  [
    String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})`,
    String.raw`(?<=(?![\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}])[\p{L}\p{M}])[\u200c\u200d](?=(?![\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}])[\p{L}\p{M}])`,
    String.raw`[\u0600-\u0605\u06dd\u070f\u08e2]`,
    String.raw`([\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u115f\u1160\u3164\uffa0\u2800])`,
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
