import { PipelineError } from '../errors/pipeline-error.ts';

/** A `SCRIPT_INVALID` error that says what is wrong with a picture; whoever knows the script adds the path. */
export function pictureFault(message: string): PipelineError {
  return new PipelineError('SCRIPT_INVALID', message);
}
