import { PipelineError } from './pipeline-error.ts';

/** Whether an error of Node's file system says that the disk or the quota is full. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

/**
 * The failure for a full scratch disk.
 * @param file - What was being written.
 */
export function diskFull(file: string, cause?: unknown): PipelineError {
  return new PipelineError(
    'RESOURCE_DISK',
    `Writing ${file} failed: no space is left on its disk; free space there or point SHOTLINE_SCRATCH to a larger disk`,
    { details: { file }, ...(cause === undefined ? {} : { cause }) },
  );
}

/** Runs a step that writes to scratch; a full disk becomes `RESOURCE_DISK`, every other error passes untouched. */
export async function orDiskFull<T>(file: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw isDiskFull(error) ? diskFull(file, error) : error;
  }
}
