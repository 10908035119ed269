import { storageConfigFromEnv } from '../../storage/config.ts';
import { connectObjectStore } from '../../storage/object-store.ts';
import { createPackageStore } from '../../storage/package-store.ts';
import type { Environment } from '../../storage/config.ts';

/** Uploads the model packages that the bucket lacks. @throws PipelineError `STORAGE_*`, `MODEL_CORRUPT`. */
export async function pushPackages(env: Environment, dirs: readonly string[]): Promise<void> {
  const config = storageConfigFromEnv(env);
  const objects = connectObjectStore(config);
  try {
    await objects.ensureBucket();
    const packages = createPackageStore(objects, config.cacheDir);
    await Promise.all(dirs.map((dir) => packages.pushPackage(dir)));
  } finally {
    objects.close();
  }
}
