import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactStore } from '../storage/artifact-store.ts';
import { encodeSafetensors } from '../tensor/safetensors.ts';
import type { CollectedPicture } from './collect.ts';

/**
 * Uploads the pictures that the store lacks: safetensors with `picture` uint8 `[3, H, W]`. They are filed under the hash of
 * the files that they came from, so a picture is uploaded once, whoever submits it.
 * @throws PipelineError `STORAGE_*`.
 */
export async function uploadPictures(
  artifacts: Pick<ArtifactStore, 'find' | 'publish'>,
  pictures: readonly CollectedPicture[],
): Promise<void> {
  if (pictures.length === 0) return;
  const folder = await mkdtemp(join(tmpdir(), 'shotline-pictures-'));
  try {
    for (const { key, prepare } of pictures) {
      const name = { stage: 'upload', key } as const;
      if ((await artifacts.find(name)) !== null) continue;
      const picture = await prepare();
      const file = join(folder, `${key}.safetensors`);
      const tensor = { type: 'uint8', shape: [3, picture.height, picture.width], data: picture.planes } as const;
      await writeFile(file, encodeSafetensors({ picture: tensor }));
      await artifacts.publish(name, file);
      await rm(file);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
