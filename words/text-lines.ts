/** Breaks of text into lines, for every script. */

/** Tells the width of a text, pixels. */
export type Measure = (text: string) => number;

/** What must not begin a line, and what must not end one (the rules of Chinese, Japanese and Korean, and of all others). */
const noStart =
  /^[\p{Pe}\p{Pf}!,.:;?…%‰℃、。，．・：；？！ー々〻ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ゠–〜～·’”)\]}〉》」』】〕]/u;
const noEnd = /[\p{Ps}\p{Pi}(["'‘“〈《「『【〔]$/u;

/**
 * Lines of a text that fit a width, as even as they can be: text of two lines is not one long and one short. Breaks that the text has
 * stay. A word that is wider than a line is broken between its signs.
 * @param language - Where words end is a matter of language; absent: as the signs say.
 */
export function linesOf(text: string, measure: Measure, maxWidth: number, language?: string): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const pieces = piecesOf(line, language).flatMap((piece) =>
      measure(piece.trim()) <= maxWidth ? [piece] : signsOf(piece),
    );
    const most = fill(pieces, measure, maxWidth);
    if (most.length < 2) return most;
    // The narrowest width that takes no more lines.
    let [low, high] = [maxWidth / most.length, maxWidth];
    for (let round = 0; round < 8; round += 1) {
      const width = (low + high) / 2;
      if (fill(pieces, measure, width).length > most.length) low = width;
      else high = width;
    }
    return fill(pieces, measure, high);
  });
}

function fill(pieces: readonly string[], measure: Measure, maxWidth: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces) {
    if (line !== '' && measure((line + piece).trim()) > maxWidth) {
      lines.push(line.trim());
      line = '';
    }
    line += piece;
  }
  if (line.trim() !== '') lines.push(line.trim());
  return lines;
}

/** The parts of a text between which a line may end. */
function piecesOf(text: string, language: string | undefined): string[] {
  const words = new Intl.Segmenter(language, { granularity: 'word' }).segment(text);
  const pieces: string[] = [];
  for (const { segment } of words) {
    const last = pieces.at(-1);
    const joins =
      last !== undefined &&
      (noEnd.test(last) || noStart.test(segment) || (/^\s+$/u.test(segment) && last !== '') || isTied(last, segment));
    if (joins) pieces[pieces.length - 1] = last + segment;
    else pieces.push(segment);
  }
  return pieces;
}

/** Whether two parts belong together though words end between them: there is neither a space nor a sign that may stand alone. */
function isTied(before: string, after: string): boolean {
  if (/[\s\p{Pd}]$/u.test(before)) return false;
  const free = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u;
  return !(free.test(before.slice(-1)) || free.test(after.slice(0, 1)));
}

function signsOf(piece: string): string[] {
  return [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(piece)].map(({ segment }) => segment);
}
