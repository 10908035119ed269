import { PipelineError } from './pipeline-error.ts';

/**
 * What it means that the content of a file is not what its reader needs: `ARTIFACT_CORRUPT` with details `{ file }`, by which
 * a stage finds the input that must be made again.
 */
export function unusableFile(file: string, problem: unknown): PipelineError {
  const text = problem instanceof Error ? problem.message : String(problem);
  return new PipelineError('ARTIFACT_CORRUPT', `${file} cannot be used: ${text}`, {
    details: { file },
    cause: problem,
  });
}
