import { isAlias, isMap, isPair, isScalar, isSeq, Scalar } from 'yaml';
import type { ParsedNode } from 'yaml';
import { quoted } from './yaml-slips.ts';

/** Keys and indices from the root to a value. */
type Path = readonly (string | number)[];

/** A place of a script that is valid YAML and hardly what was meant. */
export interface YamlHint {
  readonly path: Path;
  /** Offset in the text. */
  readonly offset: number;
  readonly message: string;
}

/** Values that are texts, by their keys. */
const texts: ReadonlySet<string> = new Set(['title', 'prompt', 'negative', 'word', 'id', 'animate', 'image', 'mask']);

/** Finds them. The depth of the tree is known to be small. */
export function hintsOf(root: ParsedNode | null): YamlHint[] {
  const anchors = new Set<string>();
  note(root, anchors);
  return [...look(root, [], anchors)];
}

/** Anchors that an alias refers to. */
function note(node: unknown, used: Set<string>): void {
  if (isAlias(node)) used.add(node.source);
  else if (isPair(node)) {
    note(node.key, used);
    note(node.value, used);
  } else if (isMap(node) || isSeq(node)) for (const item of node.items) note(item, used);
}

function* look(node: ParsedNode | null, path: Path, used: ReadonlySet<string>): Generator<YamlHint> {
  if (isSeq(node)) for (const [index, item] of node.items.entries()) yield* look(item, [...path, index], used);
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      if (!isScalar(key)) continue;
      const name = String(key.value);
      const at = [...path, name];
      const hint = wordsFor(name, value, used, node.flow === true);
      if (hint !== null) yield { path: at, offset: key.range[0], message: hint };
      yield* look(value, at, used);
    }
  }
}

function wordsFor(name: string, value: ParsedNode | null, used: ReadonlySet<string>, inFlow: boolean): string | null {
  if (name.startsWith('//')) return 'comments begin with #';
  if (inFlow && /:\S/.test(name) && isScalar(value) && value.value === null)
    return 'a space is missing after the colon';
  if (!texts.has(name)) return null;
  if ((isMap(value) || isSeq(value)) && value.flow === true) {
    const bracket = isMap(value) ? '{' : '[';
    return `a text that begins with ${bracket} belongs in quotes`;
  }
  if (!isScalar(value) || value.type !== Scalar.PLAIN) return null;
  const { comment, anchor } = value;
  const said = value.value === null ? '' : `the text is ${quoted(value.source.slice(0, 60))}; `;
  if (typeof comment === 'string' && /^[^\s#!=*-]/u.test(comment)) {
    return `what follows " #" is a comment in YAML: ${said}put the whole text in quotes if ${quoted(`#${comment.slice(0, 40)}`)} belongs to it`;
  }
  if (anchor !== undefined && !used.has(anchor))
    return `"&${anchor}" is an anchor in YAML: ${said}put the whole text in quotes`;
  if (typeof value.value === 'string' && /^[“”„«‘’].*[”“»’‘]$/u.test(value.value)) {
    return 'the curved quotes are a part of the text; write straight ones (") around it';
  }
  return null;
}
