import type { YAMLError } from 'yaml';

/** What is wrong at a place in a script's text, and what helps. */
export interface YamlSlip {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

/**
 * Says what people and language models meant where YAML's own words speak of mappings, tokens and scalars. Of several errors of a line
 * the first is told, and of those without a known cause none where there is one: they follow from it.
 * @param lineOf Line of an offset, from 1.
 */
export function slipsOf(text: string, errors: readonly YAMLError[], lineOf: (offset: number) => number): YamlSlip[] {
  const lines = text.split(/\r?\n/);
  const fence = fenceSlip(lines) ?? spaceSlip(lines);
  if (fence !== null) return [fence];
  const slips = new Map<number, YamlSlip>();
  const others: YamlSlip[] = [];
  for (const { code, message, pos } of errors) {
    const line = lineOf(pos[0]);
    const slip = slipAt(lines, line, code, message);
    if (slip === null) others.push({ line, message: `${message}; a script is valid YAML or JSON; correct it` });
    else if (!slips.has(slip.line)) slips.set(slip.line, slip);
  }
  return slips.size > 0 ? [...slips.values()] : others;
}

/** A fence of Markdown around the script, as language models put it there; `null` when there is none. */
export function fenceSlip(lines: readonly string[]): YamlSlip | null {
  const fences = lines.flatMap((line, index) => (/^\s*(```|~~~)/.test(line) ? [index + 1] : []));
  const [first, last] = [fences[0], fences.at(-1)];
  if (first === undefined || last === undefined) return null;
  const which = first === last ? 'this line' : `this line and line ${last}`;
  const around = lines.slice(0, first - 1).some((line) => line.trim() !== '') ? ' and what stands outside of them' : '';
  return { line: first, message: `a code fence of Markdown is no part of a script; take out ${which}${around}` };
}

/** Spaces that look like one and are none to YAML: no-break, ideographic, zero-width and their like. */
const oddSpace = /[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000\ufeff]/u;

/** An odd space where YAML counts spaces: at the beginning of a line, after a dash or after the colon of a key. */
export function spaceSlip(lines: readonly string[]): YamlSlip | null {
  for (const [index, line] of lines.entries()) {
    const structure =
      /^[\s\u200b]*(?:-[\s\u200b]+)*(?:["']?[\w-]+["']?[\s\u200b]*:[\s\u200b]*)?/u.exec(line)?.[0] ?? '';
    const glued = /^\s*(?:-\s+)*["']?[\w-]+["']?:([^\s])/u.exec(line)?.[1] ?? '';
    const found = oddSpace.exec(structure)?.[0] ?? oddSpace.exec(glued)?.[0];
    if (found === undefined) continue;
    const code = found.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0') ?? '';
    return {
      line: index + 1,
      message: `an invisible character (U+${code}) stands where a space belongs, as in text copied from a web page; type the spaces of this line anew`,
    };
  }
  return null;
}

const openBracket = 'a { or [ before this place is not closed, or its } or ] stands too far to the left';
const misplaced = 'the line is indented otherwise than those it belongs to; keys of one map begin in the same column';

/** `- key: value` in its parts. */
const entry = /^(?<lead>\s*(?:-\s+)*)(?<key>[\w-]+)\s*:(?<gap>\s*)(?<value>.*?)\s*$/;

function slipAt(lines: readonly string[], line: number, code: string, message: string): YamlSlip | null {
  const text = lines[line - 1] ?? '';
  const { key, gap = '', value = '' } = entry.exec(text)?.groups ?? {};
  const at = (words: string): YamlSlip => ({ line, message: words });
  switch (code) {
    case 'DUPLICATE_KEY':
      return at('a key is written twice; a script is valid YAML or JSON; take one of them out');
    case 'MULTIPLE_DOCS':
      return at(
        'a second document begins here (---); a script file holds one story: put the other into a file of its own',
      );
    case 'TAB_AS_INDENT':
      return at('the line is indented with a tab; YAML counts spaces only: indent it with spaces');
    case 'BAD_DQ_ESCAPE':
      return at(`${message.toLowerCase()} between double quotes; put a text with backslashes in single quotes`);
    case 'BAD_INDENT':
      if (/flow/i.test(message)) return at(openBracket);
      return at(misplaced);
    case 'MISSING_CHAR':
      if (message.includes('to end with')) return at(openBracket);
      if (/closing/i.test(message)) return unclosed(lines, line, message);
      if (key !== undefined && gap === '' && value !== '') return at(`a space is missing after "${key}:"`);
      break;
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY': {
      const next = lines[line];
      if (!needsQuotes(value) && next !== undefined && entry.test(next)) {
        return {
          line: line + 1,
          message:
            'the line is indented deeper than the one above it, whose text it would go on with; keys of one map begin in the same column',
        };
      }
      break;
    }
  }
  if (key !== undefined && value !== '' && needsQuotes(value)) return at(quoteAdvice(key, value));
  if (message.includes('without - indicator')) return at(misplaced);
  return null;
}

/** Whether YAML takes a part of a text for something of its own. */
function needsQuotes(value: string): boolean {
  return /^[[\]{},&*#?|\-<>=!%@`"']/.test(value) || /:(\s|$)/.test(value) || /\s#/.test(value);
}

function quoteAdvice(key: string, value: string): string {
  const meant = /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
  const shown = meant.length <= 60 ? meant : `${meant.slice(0, 50)}…`;
  return `the text of ${key} holds ${meaningIn(value)}, which YAML takes for its own; put the whole text in quotes: ${key}: ${quoted(shown)}`;
}

function meaningIn(value: string): string {
  const first = value.charAt(0);
  if (/^["']/.test(value)) return `a quote (${first}) that ends before the text does`;
  if (/^[[\]{},&*#?|\-<>=!%@`]/.test(value)) return `${first} at its beginning`;
  return /:(\s|$)/.test(value) ? 'a colon and a space' : 'a space and #';
}

/** A text as YAML takes it, whatever it holds. */
export function quoted(text: string): string {
  return text.includes("'") && !text.includes('"') && !text.includes('\\')
    ? `"${text}"`
    : `'${text.replaceAll("'", "''")}'`;
}

/** The library finds the end of the file; the quote that was never closed is what helps. */
function unclosed(lines: readonly string[], end: number, message: string): YamlSlip {
  const mark = message.includes("'") ? "'" : '"';
  for (let line = Math.min(end, lines.length); line >= 1; line--) {
    const text = lines[line - 1] ?? '';
    if ((text.split(mark).length - 1) % 2 === 1)
      return { line, message: `the quote (${mark}) that opens here is not closed; close it at the end of the text` };
  }
  return { line: end, message: `a quote (${mark}) is not closed; close it at the end of the text` };
}
