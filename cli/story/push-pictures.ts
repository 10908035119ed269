import type { CollectedPicture } from '../../pictures/collect.ts';
import { uploadPictures } from '../../pictures/upload.ts';
import { createArtifactStore } from '../../storage/artifact-store.ts';
import { storageConfigFromEnv } from '../../storage/config.ts';
import { connectObjectStore } from '../../storage/object-store.ts';
import type { Environment } from '../../storage/config.ts';

/** Uploads the pictures that the bucket lacks. @throws PipelineError `STORAGE_*`. */
export async function pushPictures(env: Environment, pictures: readonly CollectedPicture[]): Promise<void> {
  const objects = connectObjectStore(storageConfigFromEnv(env));
  try {
    await uploadPictures(createArtifactStore(objects), pictures);
  } finally {
    objects.close();
  }
}
