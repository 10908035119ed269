import { storageConfigFromEnv, type Environment } from '../storage/config.ts';
import { connectObjectStore, type ObjectStore } from '../storage/object-store.ts';

/** Works with the environment's bucket, and lets go of its connections. @throws PipelineError `STORAGE_*`. */
export async function withBucket<T>(env: Environment, work: (objects: ObjectStore) => Promise<T>): Promise<T> {
  const objects = connectObjectStore(storageConfigFromEnv(env));
  try {
    return await work(objects);
  } finally {
    objects.close();
  }
}
