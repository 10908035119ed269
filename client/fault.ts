import { ApplicationFailure } from '@temporalio/common';
import { WorkflowUpdateFailedError, isGrpcServiceError } from '@temporalio/client';
import { causes } from '../errors/error-causes.ts';
import { PipelineError, isErrorCode } from '../errors/pipeline-error.ts';
import type { ErrorCode } from '../errors/pipeline-error.ts';
import type { ScriptProblem } from '../story/script/read-script.ts';
import { AbsentError } from './absent-error.ts';
import { nextStepFor } from './next-steps.ts';

/** What an error means to whoever asked for something. */
export interface Fault {
  /** A code of Shotline; `ABSENT`: there is no such story; `USAGE`: the story refuses what it was asked. */
  readonly code: ErrorCode | 'ABSENT' | 'USAGE';
  readonly message: string;
  /** What is wrong in a script. */
  readonly problems: readonly ScriptProblem[];
  /** Name of the script that the problems are in. */
  readonly fileName: string | null;
}

/** Reads an error of the pipeline, of Temporal or of a refused update; `null` for any other. */
export function faultOf(error: unknown): Fault | null {
  const plain = { problems: [], fileName: null };
  if (error instanceof AbsentError) return { ...plain, code: 'ABSENT', message: error.message };
  if (error instanceof PipelineError) return { code: error.code, message: error.message, ...problemsOf(error.details) };
  if (error instanceof WorkflowUpdateFailedError) {
    const refusal = [...causes(error)].findLast((link) => link instanceof ApplicationFailure);
    if (refusal !== undefined) return refusalFault(refusal);
  }
  const grpc = [...causes(error)].find(isGrpcServiceError);
  if (grpc === undefined) return null;
  const message = `Temporal does not answer as it should: ${grpc.message}; ${nextStepFor('STACK_UNAVAILABLE')}`;
  return { ...plain, code: 'STACK_UNAVAILABLE', message };
}

/** A refused update is a wrong request, unless its code says more. */
function refusalFault(refusal: ApplicationFailure): Fault {
  const code = typeof refusal.type === 'string' && isErrorCode(refusal.type) ? refusal.type : 'USAGE';
  const details: unknown = refusal.details?.[0];
  return { code, message: refusal.message, ...problemsOf(isRecord(details) ? details : {}) };
}

function problemsOf(details: Readonly<Record<string, unknown>>): Pick<Fault, 'problems' | 'fileName'> {
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
