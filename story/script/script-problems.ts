import type { z } from 'zod';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { meantKey, meantSize, meantValue } from './meant-words.ts';
import { sizeNames } from './output-size.ts';
import type { ReadScript, ScriptPath, ScriptProblem } from './read-script.ts';
import { scriptLimits } from './script-limits.ts';
import { knownKeys } from './script-schema.ts';
import { fenceSlip, spaceSlip } from './yaml-slips.ts';

type Issue = z.core.$ZodIssue;

/** A rule that is broken somewhere. */
export interface Finding {
  readonly path: ScriptPath;
  readonly message: string;
}

/** `shots[2].prompt`, as people write it. */
export function writtenPath(path: ScriptPath): string {
  return path.reduce<string>(
    (written, step) =>
      typeof step === 'number' ? `${written}[${step}]` : written === '' ? shown(step) : `${written}.${shown(step)}`,
    '',
  );
}

/** The failure that tells every problem of a script. */
export function invalidScript(name: string, problems: readonly ScriptProblem[]): PipelineError {
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const lines = problems.map(({ line, message }) => `  ${line === null ? '' : `line ${line}: `}${message}`).join('\n');
  return new PipelineError('SCRIPT_INVALID', `${name} has ${count}; correct the script and try again:\n${lines}`, {
    details: { problems },
  });
}

/** The keys and indices of a path that people wrote. */
export function readPath(written: string): ScriptPath {
  return [...written.matchAll(/\[(\d+)\]|"((?:[^"\\]|\\.)*)"|[^.[\]"]+/gu)].map(([step, index, key]) =>
    index !== undefined ? Number(index) : key !== undefined ? (JSON.parse(`"${key}"`) as string) : step,
  );
}

/**
 * Findings as problems, each once, in the order of the file. Where the text looks like a slip that explains them, that is said as
 * well, or alone when it spoils the whole.
 */
export function problemsOf(findings: readonly Finding[], script: ReadScript): ScriptProblem[] {
  const lines = script.text.split(/\r?\n/);
  const slip = fenceSlip(lines) ?? spaceSlip(lines);
  if (slip !== null) return [{ path: '', ...slip }];
  const hints = new Map(script.hints.map(({ path, message }) => [writtenPath(path), message]));
  const problems = new Map<string, ScriptProblem>();
  for (const { path, message: found } of findings) {
    const hint = hints.get(writtenPath(path));
    const message = hint === undefined ? found : `${found}; ${hint}`;
    const problem = { path: writtenPath(path), line: script.lineOf(path), message };
    problems.set(`${problem.path}\n${message}`, problem);
  }
  return [...problems.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)).slice(0, scriptLimits.problems);
}

/** What the schema found, as findings that name the value seen, the rule and the next step. */
export function schemaFindings(issues: readonly Issue[], value: unknown, at: ScriptPath = []): Finding[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...(issue.path as ScriptPath)];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key));
    const inside = issue.code === 'invalid_union' ? issue.errors.find(concernsMembers) : undefined;
    if (inside !== undefined) return schemaFindings(inside, value, path);
    const found = valueAt(value, path);
    return [broken(path, found, `${issue.message}${quotesFor(issue, found)}${meantBy(issue, found, path)}`)];
  });
}

/** What makes a text of a word that YAML reads as something else. */
function quotesFor(issue: Issue, value: unknown): string {
  const wantsText = issue.code === 'invalid_type' && issue.expected === 'string';
  if (!wantsText || (typeof value !== 'number' && typeof value !== 'boolean')) return '';
  return `; YAML reads it as a ${typeof value === 'number' ? 'number' : 'yes or no'}: put it in quotes to make it a text`;
}

/** The value that was meant, where the rule has values by name, or is one of sizes. */
function meantBy(issue: Issue, value: unknown, path: ScriptPath): string {
  const isSize = path.length === 1 && path[0] === 'output';
  const isShape = path.length === 2 && path[0] === 'output' && path[1] === 'shape';
  const meant =
    isSize || isShape
      ? meantSize(value, isSize ? sizeNames : [])
      : typeof value === 'string'
        ? meantValue(value, namedValues(issue))
        : null;
  return meant === null ? '' : `; did you mean ${meant}?`;
}

/** The words that an issue would have let pass. */
function namedValues(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.filter((value) => typeof value === 'string');
  return issue.code === 'invalid_union'
    ? issue.errors.flat().flatMap((inner) => (inner.path.length === 0 ? namedValues(inner) : []))
    : [];
}

/** A finding that a value breaks a rule. */
export function broken(path: ScriptPath, value: unknown, rule: string): Finding {
  const name = writtenPath(path) || 'the script';
  return { path, message: `${name} is ${describe(value)}; ${rule}` };
}

/** The members of a map or list as it was written; none of anything else. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Whether a branch of a union took the value for its own kind and found faults inside it. */
function concernsMembers(issues: readonly Issue[]): boolean {
  return issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys');
}

function unknownKey(path: ScriptPath, key: string): Finding {
  const [name, known] = mapAt(path);
  const meant = meantKey(key, known);
  const help = meant === null ? `take it out; the keys are ${known.join(', ')}` : `did you mean ${meant}?`;
  return { path: [...path, key], message: `${writtenPath([...path, key])} is not a key of ${name}; ${help}` };
}

/** Which map of a script a path leads to, and its keys. */
function mapAt(path: ScriptPath): [name: string, keys: readonly string[]] {
  const last = path.at(-1);
  if (path.at(-2) === 'caption') return ['a caption', knownKeys.caption];
  if (typeof last === 'number') return ['a shot', knownKeys.shot];
  if (path.at(-2) === 'outputs') return ['an output', knownKeys.file];
  if (path.at(-2) === 'subjects') return ['a subject', knownKeys.subject];
  if (last === 'card' || last === 'opening' || last === 'closing') return ['a card', knownKeys.card];
  if (last === 'join') return ['a join', knownKeys.join];
  if (last === 'continue') return ['continue', knownKeys.continue];
  const named = ['output', 'models', 'defaults', 'freeu', 'freeinit', 'freenoise', 'gate', 'enhance'] as const;
  const ofSound = ['soundtrack', 'fade', 'sound', 'narration', 'say', 'voice', 'audio'] as const;
  for (const name of [...named, ...ofSound]) if (last === name) return [name, knownKeys[name]];
  return ['a story', knownKeys.story];
}

function valueAt(value: unknown, path: ScriptPath): unknown {
  return path.reduce((parent, step) => membersOf(parent)[step], value);
}

/** A value as a message may show it: short, and on one line. */
function describe(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'empty';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return typeof value;
  return value.length <= 60
    ? JSON.stringify(value)
    : `${JSON.stringify(value.slice(0, 40))}… (${value.length} characters)`;
}

/** A key as a message may show it; keys come from the file. */
function shown(key: string): string {
  return /^[\w-]{1,60}$/.test(key) ? key : JSON.stringify(key.slice(0, 60));
}
