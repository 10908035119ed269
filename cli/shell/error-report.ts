import { CommanderError } from 'commander';
import { faultOf } from '../../client/fault.ts';
import type { Fault } from '../../client/fault.ts';
import { nextStepFor } from '../../client/next-steps.ts';
import type { ScriptProblem } from '../../story/script/read-script.ts';
import { counted } from '../../errors/counted.ts';
import { exitCodeOf, outcomeOfError } from './exit-codes.ts';
import type { Outcome } from './exit-codes.ts';
import { systemFaultOf } from './system-fault.ts';
import { UsageError } from './cli-errors.ts';

/** An error as the command shows it. */
export interface ErrorReport {
  readonly outcome: Outcome;
  /** An error code of Shotline, `USAGE` or `ABSENT`. */
  readonly code: string;
  readonly message: string;
  readonly problems: readonly ScriptProblem[];
  /** File that the problems are in. */
  readonly fileName: string | null;
  /** Stack of a bug, else `null`. */
  readonly stack: string | null;
}

/** Finds out what an error means to the user, whose cache lies in `cacheDir`. */
export function reportOf(error: unknown, cacheDir: string): ErrorReport {
  const report = { problems: [], fileName: null, stack: null };
  if (error instanceof UsageError || error instanceof CommanderError) {
    return { ...report, outcome: 'usage', code: 'USAGE', message: error.message };
  }
  const known = faultOf(error);
  if (known !== null) {
    const stack = known.code === 'INTERNAL' && error instanceof Error ? (error.stack ?? null) : null;
    return { ...known, outcome: outcomeOfFault(known.code), stack };
  }
  const fault = systemFaultOf(error, cacheDir);
  if (fault !== null) return { ...report, ...fault };
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? null) : null;
  return { ...report, outcome: 'internal', code: 'INTERNAL', message, stack };
}

/** The report for people: a script's problems one per line, as a compiler prints them. */
export function errorLines(report: ErrorReport): string[] {
  if (report.problems.length > 0) {
    const file = report.fileName ?? 'story';
    const count = counted(report.problems.length, 'problem');
    return [...report.problems.map((problem) => problemLine(file, problem)), `${file}: ${count}`];
  }
  const lines = [`error: ${report.message}`];
  if (report.stack !== null) lines.push(...report.stack.split('\n').slice(1), nextStepFor('INTERNAL'));
  return lines;
}

/** The report for machines: the one object on stdout. */
export function errorJson(report: ErrorReport): object {
  const { code, message, problems, outcome } = report;
  return { error: { code, exitCode: exitCodeOf(outcome), message, ...(problems.length > 0 ? { problems } : {}) } };
}

function problemLine(file: string, { path, line, message }: ScriptProblem): string {
  const place = line === null ? file : `${file}:${String(line)}`;
  // Messages that begin with the path say it themselves.
  return path === '' || message.startsWith(path) ? `${place}: ${message}` : `${place}: ${path}: ${message}`;
}

function outcomeOfFault(code: Fault['code']): Outcome {
  if (code === 'ABSENT') return 'absent';
  return code === 'USAGE' ? 'usage' : outcomeOfError(code);
}
