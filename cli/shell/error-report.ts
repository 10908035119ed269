import { ApplicationFailure } from '@temporalio/common';
import { WorkflowUpdateFailedError, isGrpcServiceError } from '@temporalio/client';
import { CommanderError } from 'commander';
import { PipelineError, isErrorCode } from '../../errors/pipeline-error.ts';
import type { ScriptProblem } from '../../story/script/read-script.ts';
import { counted } from './counted.ts';
import { exitCodeOf, outcomeOfError } from './exit-codes.ts';
import type { Outcome } from './exit-codes.ts';
import { nextStepFor } from './next-steps.ts';
import { causes } from './error-causes.ts';
import { systemFaultOf } from './system-fault.ts';
import { AbsentError, UsageError } from './cli-errors.ts';

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
  if (error instanceof AbsentError) return { ...report, outcome: 'absent', code: 'ABSENT', message: error.message };
  if (error instanceof PipelineError) {
    const { code, message, details } = error;
    const stack = code === 'INTERNAL' ? (error.stack ?? null) : null;
    return { outcome: outcomeOfError(code), code, message, stack, ...problemsOf(details) };
  }
  if (error instanceof WorkflowUpdateFailedError) {
    const refusal = [...causes(error)].findLast((link) => link instanceof ApplicationFailure);
    if (refusal !== undefined) return refusalReport(refusal);
  }
  const grpc = [...causes(error)].find(isGrpcServiceError);
  if (grpc !== undefined) {
    const message = `Temporal does not answer as it should: ${grpc.message}; ${nextStepFor('STACK_UNAVAILABLE')}`;
    return { ...report, outcome: 'unavailable', code: 'STACK_UNAVAILABLE', message };
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

/** A refused update is a wrong request, unless its code says more. */
function refusalReport(refusal: ApplicationFailure): ErrorReport {
  const code = typeof refusal.type === 'string' && isErrorCode(refusal.type) ? refusal.type : null;
  const details: unknown = refusal.details?.[0];
  return {
    outcome: code === null ? 'usage' : outcomeOfError(code),
    code: code ?? 'USAGE',
    message: refusal.message,
    stack: null,
    ...problemsOf(isRecord(details) ? details : {}),
  };
}

function problemsOf(details: Readonly<Record<string, unknown>>): Pick<ErrorReport, 'problems' | 'fileName'> {
  const listed: unknown[] = Array.isArray(details['problems']) ? details['problems'] : [];
  const problems = listed
    .filter(isRecord)
    .flatMap(({ path, line, message }) =>
      typeof message === 'string'
        ? [{ path: typeof path === 'string' ? path : '', line: typeof line === 'number' ? line : null, message }]
        : [],
    );
  const fileName = typeof details['fileName'] === 'string' ? details['fileName'] : null;
  return { problems, fileName };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
