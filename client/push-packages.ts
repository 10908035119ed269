import { PipelineError } from '../errors/pipeline-error.ts';
import { storageConfigFromEnv } from '../storage/config.ts';
import { createPackageStore } from '../storage/package-store.ts';
import type { Environment } from '../storage/config.ts';
import { withBucket } from './bucket.ts';

/**
 * Uploads the model packages that the bucket lacks.
 * @throws PipelineError `STORAGE_*`, `MODEL_CORRUPT`; `STORAGE_DENIED` says who uploads packages where a client may not.
 */
export async function pushPackages(env: Environment, dirs: readonly string[]): Promise<void> {
  try {
    await withBucket(env, async (objects) => {
      await objects.ensureBucket();
      const packages = createPackageStore(objects, storageConfigFromEnv(env).cacheDir);
      await Promise.all(dirs.map((dir) => packages.pushPackage(dir)));
    });
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'STORAGE_DENIED') throw error;
    const next =
      'Where clients may not upload model packages, whoever runs the deployment does: `shotline models push <set>`.';
    throw new PipelineError('STORAGE_DENIED', `${error.message} ${next}`, { details: error.details, cause: error });
  }
}
