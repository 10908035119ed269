import { diskFull, isDiskFull } from './disk-full.ts';
import { PipelineError } from './pipeline-error.ts';

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

/** A field of a thrown value. No `instanceof`: errors of Node's own may come from another realm. */
function textField(error: unknown, field: 'name' | 'message' | 'stack'): string | undefined {
  const value = typeof error === 'object' ? (error as Record<string, unknown> | null)?.[field] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** Name of an error's class, `AbortError` among them. */
export function errorName(error: unknown): string | undefined {
  return textField(error, 'name');
}

/** What an error says; any other thrown value as text. */
export function errorMessage(error: unknown): string {
  return textField(error, 'message') ?? String(error);
}

/**
 * Any thrown value as a {@link PipelineError}: ours as it is, a full disk as `RESOURCE_DISK`, exhausted memory as
 * `RESOURCE_MEMORY`, everything else as `INTERNAL` with the original as its cause.
 */
export function asPipelineError(error: unknown, doing: string): PipelineError {
  if (error instanceof PipelineError) return error;
  const message = errorMessage(error);
  const stack = textField(error, 'stack');
  if (isDiskFull(error)) return diskFull(doing, error);
  if (speaksOfMemory(message)) {
    return new PipelineError(
      'RESOURCE_MEMORY',
      `${doing}: memory is out (${message}); the next attempt uses fewer frames per model call`,
      { cause: error },
    );
  }
  return new PipelineError('INTERNAL', `${doing}: ${message}`, {
    details: stack === undefined ? {} : { stack },
    cause: error,
  });
}
