import { isMap, isScalar, isSeq, parseDocument, stringify } from 'yaml';
import type { Pair, ParsedNode, Scalar, YAMLMap } from 'yaml';

type ParsedPair = Pair<ParsedNode, ParsedNode | null>;

/** What a shot is given in the text of its script. */
export interface ShotChange {
  readonly shot: string;
  readonly key: 'prompt' | 'seed';
  readonly value: string | number;
}

/**
 * The text of a script in which one key of a shot says something else. All other characters stay: comments, order, quotes,
 * indentation. A key that is missing follows the shot's id.
 *
 * @returns `null` when the text does not write the shot out, as where an alias or a merge stands for it.
 */
export function rewriteShot(text: string, { shot, key, value }: ShotChange): string | null {
  const document = parseDocument(text, { merge: true, schema: 'core', prettyErrors: false, logLevel: 'error' });
  const map = shotIn(document.contents, shot);
  if (map === null) return null;
  const id = pairOf(map, 'id');
  const found = pairOf(map, key);
  if (id === null) return null;
  const inFlow = map.flow === true;
  if (found === null) return insertAfter(text, id, key, value, inFlow);
  const range = found.value?.range;
  if (range === undefined) return null;
  const [start, end] = range;
  const written = text.slice(start, end);
  // A block text ends with its last line.
  const ending = /\r?\n[ \t]*$/.exec(written)?.[0] ?? '';
  return text.slice(0, start) + textOf(value, inFlow || /^["']/.test(written)) + ending + text.slice(end);
}

/** The map of a shot, as far as the text has one. */
function shotIn(contents: ParsedNode | null, shot: string): YAMLMap.Parsed | null {
  if (!isMap(contents)) return null;
  const shots = pairOf(contents, 'shots')?.value;
  if (!isSeq(shots)) return null;
  const maps = shots.items.filter((item): item is YAMLMap.Parsed => isMap(item));
  return maps.find((map) => scalarOf(pairOf(map, 'id')?.value)?.value === shot) ?? null;
}

function pairOf(map: YAMLMap.Parsed, key: string): ParsedPair | null {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key) ?? null;
}

function scalarOf(node: ParsedNode | null | undefined): Scalar | null {
  return isScalar(node) ? node : null;
}

/** A key behind the id of the shot: on a line of its own, or behind a comma. */
function insertAfter(
  text: string,
  id: ParsedPair,
  key: string,
  value: string | number,
  inFlow: boolean,
): string | null {
  const { range } = id.key;
  const end = id.value?.range[1];
  if (end === undefined) return null;
  const name = text[range[0]] === '"' ? `"${key}"` : key;
  if (inFlow) return `${text.slice(0, end)}, ${name}: ${textOf(value, true)}${text.slice(end)}`;
  const column = range[0] - (text.lastIndexOf('\n', range[0] - 1) + 1);
  const lineEnd = /\r?\n|$/.exec(text.slice(end));
  const at = end + (lineEnd?.index ?? 0);
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  return `${text.slice(0, at)}${lineBreak}${' '.repeat(column)}${name}: ${textOf(value, false)}${text.slice(at)}`;
}

/** A value as YAML: plain where it may be, unless quotes are wanted. */
function textOf(value: string | number, quoted: boolean): string {
  if (typeof value === 'number') return String(value);
  return quoted ? JSON.stringify(value) : stringify({ x: value }, { lineWidth: 0 }).slice('x: '.length).trimEnd();
}
