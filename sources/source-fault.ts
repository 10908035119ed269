import { PipelineError } from '../errors/pipeline-error.ts';

/** A `SCRIPT_INVALID` error that says what is wrong with a file that a script names; whoever knows the script adds the path. */
export function sourceFault(message: string): PipelineError {
  return new PipelineError('SCRIPT_INVALID', message);
}
