import { writeFile } from 'node:fs/promises';
import type { ArtifactStore } from '../storage/artifact-store.ts';
import { uploadContents } from '../storage/upload-contents.ts';
import type { CollectedPicture } from './collect.ts';

/**
 * Uploads the pictures that the store lacks. They are filed under the hash of their content, so a picture is uploaded once,
 * whoever submits it.
 * @throws PipelineError `STORAGE_*`.
 */
export function uploadPictures(
  artifacts: Pick<ArtifactStore, 'find' | 'publish'>,
  pictures: readonly CollectedPicture[],
): Promise<void> {
  const contents = pictures.map(({ key, content }) => ({
    name: { stage: 'upload', key } as const,
    write: async (file: string) => writeFile(file, await content()),
  }));
  return uploadContents(artifacts, contents);
}
