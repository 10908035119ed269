import type { Logger } from 'pino';
import { sealedObjects } from '../storage/artifact-seal.ts';
import { createArtifactStore } from '../storage/artifact-store.ts';
import type { ArtifactStore } from '../storage/artifact-store.ts';
import { connectObjectStore } from '../storage/object-store.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { WorkerConfig } from './config.ts';
import { countRefused } from './metrics.ts';

/** Opens the bucket as a worker sees it: with keys, it seals what it writes and believes only what is sealed. */
export function openWorkerBucket({ storage, artifactKeys }: WorkerConfig, log: Logger): ObjectStore {
  const objects = connectObjectStore(storage);
  if (artifactKeys !== null) {
    return sealedObjects(objects, artifactKeys, (refused) => {
      const why = refused.seal === 'none' ? 'has no seal' : 'has a seal of another key, place or content';
      log.warn(
        { ...refused },
        `an object in the bucket ${why}: it is not believed, counts as missing and is made again`,
      );
      countRefused({ kind: kindOf(refused.object), why: refused.seal === 'none' ? 'unsealed' : 'forged' });
    });
  }
  log.info('artifacts are not sealed: whoever writes to the bucket is believed (SHOTLINE_ARTIFACT_KEY is not set)');
  return objects;
}

/** The artifacts in a worker's bucket; it says when somebody had made a folder of an artifact's key. */
export function openWorkerArtifacts(objects: ObjectStore, log: Logger): ArtifactStore {
  return createArtifactStore(objects, (blocked) => {
    log.warn(
      { ...blocked },
      'the key of an artifact was a folder, which no task makes: what lay below it was deleted, and the artifact is written',
    );
    countRefused({ kind: kindOf(blocked.object), why: 'folder' });
  });
}

/** The folder that an object lies in, as in the table of operations.md: `artifacts/base`, `films`. */
function kindOf(object: string): string {
  const [first = '', second = ''] = object.split('/');
  return first === 'artifacts' ? `${first}/${second}` : first;
}
