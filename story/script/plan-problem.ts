import type { ScriptProblem } from './read-script.ts';

/**
 * A problem of the normal form of a script, where its lines are no longer known: `shots[0].seconds is 4; …`.
 * @param path - Of the value, as people write it.
 * @param finding - What it is, the rule, and what to do; the path is put before it.
 */
export function planProblem(path: string, finding: string): ScriptProblem {
  return { path, line: null, message: `${path} ${finding}` };
}
