import type { ArtifactStore } from '../storage/artifact-store.ts';
import { uploadContents } from '../storage/upload-contents.ts';
import type { CollectedSound } from './collect.ts';

/**
 * Uploads the sounds that the store lacks. They are filed under the hash of their content, so a sound is uploaded once, whoever submits
 * it.
 * @throws PipelineError `STORAGE_*`; `SCRIPT_INVALID` when a sound was changed since it was read.
 */
export function uploadSounds(
  artifacts: Pick<ArtifactStore, 'find' | 'publish'>,
  sounds: readonly CollectedSound[],
): Promise<void> {
  const contents = sounds.map(({ key, write }) => ({ name: { stage: 'recording', key } as const, write }));
  return uploadContents(artifacts, contents);
}
