import { randomBytes, randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { PipelineError } from '../errors/pipeline-error.ts';
import { scratchPrefix } from './bucket.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * Writes, reads and deletes an object under `scratch/`: all that a worker needs of a bucket. It has the given size.
 *
 * @throws PipelineError as the object store does; `STORAGE_UNAVAILABLE` when what was read is not what was written.
 */
export async function proveStorage(
  objects: Pick<ObjectStore, 'putBytes' | 'get' | 'delete' | 'endpoint' | 'bucket'>,
  bytes = 64,
): Promise<void> {
  const key = `${scratchPrefix}proofs/${randomUUID()}`;
  const written = randomBytes(bytes);
  await objects.putBytes(key, written, { contentType: 'application/octet-stream' });
  try {
    const found = await objects.get(key);
    const read = found === null ? null : await buffer(found.body);
    if (read?.equals(written) !== true) {
      throw new PipelineError(
        'STORAGE_UNAVAILABLE',
        `${key} in bucket '${objects.bucket}' at ${objects.endpoint} was written and ${read === null ? 'is not there' : `has ${String(read.length)} other bytes`}; an S3 store reads what was written; check its disks and what stands before it`,
      );
    }
  } finally {
    // What stays goes with the rest of `scratch/`; the failure that counts is the one above.
    await objects.delete(key).catch(() => undefined);
  }
}
