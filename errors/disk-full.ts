import { PipelineError } from './pipeline-error.ts';
import { systemCode } from './system-code.ts';

/** A full disk, a quota that is used up, a file larger than the disk can hold, and a disk that has gone read-only. */
const diskCodes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS']);

/** Whether an error of Node's file system says that the disk takes no more. */
export function isDiskFull(error: unknown): boolean {
  return diskCodes.has(systemCode(error));
}

/**
 * The failure for a scratch disk that takes no more.
 * @param what - The file, or what was being done.
 */
export function diskFull(what: string, cause?: unknown): PipelineError {
  return new PipelineError(
    'RESOURCE_DISK',
    `${what}: the disk takes no more; free space under SHOTLINE_SCRATCH or point it to a larger disk`,
    { details: { what }, ...(cause === undefined ? {} : { cause }) },
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
