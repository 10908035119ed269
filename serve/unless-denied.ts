import { PipelineError } from '../errors/pipeline-error.ts';

/** What the storage answers; `null` where the server's key may not ask for it. For what a server can do without. @throws PipelineError `STORAGE_UNAVAILABLE`. */
export async function unlessDenied<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'STORAGE_DENIED') return null;
    throw error;
  }
}
