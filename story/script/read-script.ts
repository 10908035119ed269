import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument } from 'yaml';
import type { Document, ParsedNode, YAMLMap } from 'yaml';
import { scriptLimits } from './script-limits.ts';
import { hintsOf } from './yaml-hints.ts';
import { slipsOf } from './yaml-slips.ts';

/** Keys and indices from the root of a script to a value. */
export type ScriptPath = readonly (string | number)[];

/** Something wrong in a script. */
export interface ScriptProblem {
  /** `shots[2].prompt`; empty for the script as a whole. */
  readonly path: string;
  /** Line in the file, from 1; `null` for what is found when the file is no longer at hand. */
  readonly line: number | null;
  /** What was found, the rule, and what to do. */
  readonly message: string;
}

/** A script file as plain values that know their lines. */
export interface ReadScript {
  readonly value: unknown;
  /** Its text, without a mark of order of bytes. */
  readonly text: string;
  /** What is valid and hardly meant. */
  readonly hints: readonly { readonly path: ScriptPath; readonly line: number; readonly message: string }[];
  /** Line of the value at a path, or of the deepest part of the path that is there. */
  readonly lineOf: (path: ScriptPath) => number;
}

/**
 * Reads YAML 1.2 (of which JSON is a part) as plain values. The text may come from anyone, so nothing is built from it
 * before its size and nesting are known: the YAML library is recursive and has no limits of its own.
 */
export function readScript(text: string): ReadScript | { readonly problems: readonly ScriptProblem[] } {
  const excess = findExcess(text);
  if (excess !== null) return { problems: [excess] };

  const lines = new LineCounter();
  const plain = text.replace(/^\uFEFF/, '');
  const document = documentOf(plain, lines);
  if (document === null) {
    const message = `the script is nested too deeply; it may be nested ${scriptLimits.depth} deep; split the story or make it simpler`;
    return { problems: [{ path: '', line: 1, message }] };
  }
  const lineAtOffset = (offset: number): number => lines.linePos(offset).line;
  const problems = slipsOf(plain, [...document.errors, ...document.warnings], lineAtOffset)
    .slice(0, scriptLimits.problems)
    .map((slip) => ({ path: '', ...slip }));
  if (problems.length > 0) return { problems };

  const tooMuch = (line: number, what: string): { problems: readonly ScriptProblem[] } => ({
    problems: [{ path: '', line, message: `the script ${what}; write it out plainly` }],
  });
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: scriptLimits.aliases });
  } catch (error) {
    // The library's one reason to refuse a document without errors: aliases that do not resolve or multiply.
    return tooMuch(1, `has aliases that cannot be used (${(error as Error).message})`);
  }
  if (!isSmall(value)) return tooMuch(1, `holds more than ${scriptLimits.values} values`);
  const hints = hintsOf(document.contents).map(({ path, offset, message }) => ({
    path,
    line: lineAtOffset(offset),
    message,
  }));
  return { value, text: plain, hints, lineOf: (path) => lineAt(document, lines, path) };
}

/** Parses; `null` when the text nests deeper than the library can follow, in a way that its tokens do not show: `key: key: key` in line after line. */
function documentOf(text: string, lineCounter: LineCounter): Document.Parsed | null {
  try {
    return parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      // Not `silent`, which also silences the error about a second document.
      logLevel: 'error',
      merge: true,
      schema: 'core',
      resolveKnownTags: false,
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Finds the first thing that is too large or too deep, from the tokens alone. Linear in the text. */
function findExcess(text: string): ScriptProblem | null {
  const excess = (line: number, found: string, limit: string): ScriptProblem => ({
    path: '',
    line,
    message: `the script ${found}; ${limit}; split the story or make it simpler`,
  });
  if (text.length > scriptLimits.fileLength) {
    return excess(1, `has ${text.length} characters`, `a script has at most ${scriptLimits.fileLength}`);
  }
  let line = 1;
  let numTokens = 0;
  let flowDepth = 0;
  let indicators = 0;
  let atLineStart = true;
  for (const token of new Lexer().lex(text)) {
    numTokens += 1;
    if (numTokens > scriptLimits.tokens) {
      return excess(line, `has more than ${scriptLimits.tokens} tokens`, 'that is far more than a story needs');
    }
    if (token === '[' || token === '{') flowDepth += 1;
    if (token === ']' || token === '}') flowDepth -= 1;
    // `- - - x` and `? ? ? x` nest without brackets or lines.
    if (token === '-' || token === '?') indicators += 1;
    if (flowDepth > scriptLimits.depth || indicators > scriptLimits.depth) {
      return excess(line, 'is nested too deeply', `it may be nested ${scriptLimits.depth} deep`);
    }
    if (atLineStart && token.length > scriptLimits.indentation && token.trim() === '') {
      return excess(line, `is indented by ${token.length} columns`, `${scriptLimits.indentation} are the most`);
    }
    atLineStart = token.endsWith('\n');
    if (atLineStart) indicators = 0;
    line += token.split('\n').length - 1;
  }
  return null;
}

/** Whether a value has few parts; aliases may have made it a graph with shared or even cyclic parts. */
function isSmall(root: unknown): boolean {
  const open: unknown[] = [root];
  for (let seen = 0; seen <= scriptLimits.values; seen += 1) {
    if (open.length === 0) return true;
    const value = open.pop();
    if (typeof value !== 'object' || value === null) continue;
    const parts: unknown[] = Object.values(value);
    if (parts.length > scriptLimits.values) return false;
    open.push(...parts);
  }
  return false;
}

function lineAt(document: Document.Parsed, lines: LineCounter, path: ScriptPath): number {
  let node: ParsedNode | null = document.contents;
  let offset = node?.range[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = (node.resolve(document) ?? null) as ParsedNode | null;
    if (isMap(node)) {
      const pair = pairIn(node, String(step), document);
      if (pair === undefined) break;
      offset = pair.key.range[0];
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(step)];
      if (item === undefined) break;
      offset = item.range[0];
      node = item;
    } else break;
  }
  return lines.linePos(offset).line;
}

/** The pair with a key, also one that a merge (`<<`) brings in. */
function pairIn(
  map: YAMLMap.Parsed,
  name: string,
  document: Document.Parsed,
  depth = 0,
): YAMLMap.Parsed['items'][number] | undefined {
  const own = map.items.find(({ key }) => isScalar(key) && String(key.value) === name);
  if (own !== undefined || depth > scriptLimits.depth) return own;
  const merged = map.items.find(({ key }) => isScalar(key) && key.source === '<<')?.value;
  for (const source of isSeq(merged) ? merged.items : [merged]) {
    const from = isAlias(source) ? source.resolve(document) : source;
    const pair = isMap(from) ? pairIn(from as YAMLMap.Parsed, name, document, depth + 1) : undefined;
    if (pair !== undefined) return pair;
  }
  return undefined;
}
