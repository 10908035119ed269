import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactStore } from '../storage/artifact-store.ts';
import type { CollectedPicture } from './collect.ts';

/**
 * Uploads the pictures that the store lacks. They are filed under the hash of their content, so a picture is uploaded once,
 * whoever submits it.
 * @throws PipelineError `STORAGE_*`.
 */
export async function uploadPictures(
  artifacts: Pick<ArtifactStore, 'find' | 'publish'>,
  pictures: readonly CollectedPicture[],
): Promise<void> {
  if (pictures.length === 0) return;
  const folder = await mkdtemp(join(tmpdir(), 'shotline-pictures-'));
  try {
    for (const { key, content } of pictures) {
      const name = { stage: 'upload', key } as const;
      if ((await artifacts.find(name)) !== null) continue;
      const file = join(folder, `${key}.safetensors`);
      await writeFile(file, await content());
      await artifacts.publish(name, file);
      await rm(file);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
