import { PipelineError } from '../errors/pipeline-error.ts';
import { decodeScript } from '../story/script/decode-script.ts';
import { parseScript } from '../story/script/parse-script.ts';
import { readScript } from '../story/script/read-script.ts';
import type { ScriptPath, ScriptProblem } from '../story/script/read-script.ts';
import { invalidScript, readPath, writtenPath } from '../story/script/script-problems.ts';
import type { StoryScript } from '../story/script/script.ts';

/** The text of a script, parsed. */
export interface ScriptText {
  readonly script: StoryScript;
  /** How messages name it. */
  readonly fileName: string;
  /** What is valid in it and hardly meant. */
  readonly warnings: readonly ScriptProblem[];
  /** The script as it was written, as plain values. */
  readonly written: unknown;
  /** Line of the value at a path. */
  readonly lineOf: (path: ScriptPath) => number | null;
}

/** What is known of a text that cannot be read, which the parser has refused by then. */
const unread = { value: undefined, hints: [], lineOf: () => null };

/**
 * Parses the bytes of a script, in any encoding that YAML allows.
 * @throws PipelineError `SCRIPT_INVALID` with every problem and its line.
 */
export function readScriptText(bytes: Uint8Array, fileName: string): ScriptText {
  const decoded = decodeScript(bytes);
  try {
    if ('problems' in decoded) throw invalidScript(fileName, decoded.problems);
    const script = parseScript(decoded.text, { fileName });
    const read = readScript(decoded.text);
    const { lineOf, hints, value: written } = 'problems' in read ? unread : read;
    const warnings = hints.map(({ path, line, message }) => ({ path: writtenPath(path), line, message }));
    return { script, fileName, warnings, written, lineOf };
  } catch (error) {
    throw inFile(error, { fileName, lineOf: () => null });
  }
}

/**
 * An error about a script with the name of its file, and with the lines of its problems where those are known by their paths only:
 * a report prints them as a compiler does. Every other error as it is.
 */
export function inFile(error: unknown, { fileName, lineOf }: Pick<ScriptText, 'fileName' | 'lineOf'>): unknown {
  if (!(error instanceof PipelineError) || error.code !== 'SCRIPT_INVALID') return error;
  const { problems = [] } = error.details as { readonly problems?: readonly ScriptProblem[] };
  const placed = problems.map((problem) => ({ ...problem, line: problem.line ?? lineOf(readPath(problem.path)) }));
  return new PipelineError(error.code, error.message, {
    details: { ...error.details, ...(placed.length > 0 ? { problems: placed } : {}), fileName },
    cause: error,
  });
}
