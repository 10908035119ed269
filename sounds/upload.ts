import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactStore } from '../storage/artifact-store.ts';
import type { CollectedSound } from './collect.ts';

/**
 * Uploads the sounds that the store lacks. They are filed under the hash of their content, so a sound is uploaded once, whoever submits
 * it.
 * @throws PipelineError `STORAGE_*`; `SCRIPT_INVALID` when a sound was changed since it was read.
 */
export async function uploadSounds(
  artifacts: Pick<ArtifactStore, 'find' | 'publish'>,
  sounds: readonly CollectedSound[],
): Promise<void> {
  if (sounds.length === 0) return;
  const folder = await mkdtemp(join(tmpdir(), 'shotline-sounds-'));
  try {
    for (const { key, write } of sounds) {
      const name = { stage: 'recording', key } as const;
      if ((await artifacts.find(name)) !== null) continue;
      const file = join(folder, `${key}.flac`);
      await write(file);
      await artifacts.publish(name, file);
      await rm(file);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
