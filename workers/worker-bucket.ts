import type { Logger } from 'pino';
import { sealedObjects } from '../storage/artifact-seal.ts';
import { connectObjectStore } from '../storage/object-store.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { WorkerConfig } from './config.ts';

/** Opens the bucket as a worker sees it: with keys, it seals what it writes and believes only what is sealed. */
export function openWorkerBucket({ storage, artifactKeys }: WorkerConfig, log: Logger): ObjectStore {
  const objects = connectObjectStore(storage);
  if (artifactKeys !== null) return sealedObjects(objects, artifactKeys);
  log.info('artifacts are not sealed: whoever writes to the bucket is believed (SHOTLINE_ARTIFACT_KEY is not set)');
  return objects;
}
