import type { ArtifactStore } from '../storage/artifact-store.ts';
import { uploadContents } from '../storage/upload-contents.ts';
import type { PreparedClip } from './prepared-clips.ts';

/**
 * Uploads the parts and sounds of clips that the store lacks, under the hash of their content, and lets go of their files.
 * @throws PipelineError `STORAGE_*`; `SCRIPT_INVALID` when a clip was changed since it was read.
 */
export async function uploadClips(
  artifacts: Pick<ArtifactStore, 'find' | 'publish'>,
  clips: readonly PreparedClip[],
): Promise<void> {
  for (const { parts, sound, forget } of clips) {
    await uploadContents(artifacts, [
      ...parts.map(({ key, write }) => ({ name: { stage: 'footage', key } as const, write })),
      ...(sound === null ? [] : [{ name: { stage: 'recording', key: sound.key } as const, write: sound.write }]),
    ]);
    await forget();
  }
}
