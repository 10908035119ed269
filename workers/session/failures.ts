import { PipelineError } from '../../errors/pipeline-error.ts';

/**
 * What ONNX Runtime, CUDA, cuDNN, cuBLAS, the C++ library and V8 say when memory is out. ORT passes its status text through
 * as the message of a plain `Error`, so the text is all there is to go by.
 */
const outOfMemory =
  /std::bad_alloc|failed to allocate memory|out of memory|cudaErrorMemoryAllocation|CU[A-Z]+_STATUS_ALLOC_FAILED|smaller than requested bytes|array buffer allocation failed|heap limit/i;

/** Whether a message or a process's last words speak of memory that ran out. */
export function speaksOfMemory(text: string): boolean {
  return outOfMemory.test(text);
}

function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Any thrown value as a {@link PipelineError}: ours as it is, a full disk as `RESOURCE_DISK`, exhausted memory as
 * `RESOURCE_MEMORY`, everything else as `INTERNAL` with the original as its cause.
 */
export function asPipelineError(error: unknown, doing: string): PipelineError {
  if (error instanceof PipelineError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new PipelineError(
      'RESOURCE_DISK',
      `${doing}: the disk is full (${message}); free space under SHOTLINE_SCRATCH or point it to a larger disk`,
      { details: { systemCode: code }, cause: error },
    );
  }
  if (speaksOfMemory(message)) {
    return new PipelineError(
      'RESOURCE_MEMORY',
      `${doing}: memory is out (${message}); the next attempt uses fewer frames per model call`,
      { cause: error },
    );
  }
  return new PipelineError('INTERNAL', `${doing}: ${message}`, {
    details: error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {},
    cause: error,
  });
}
