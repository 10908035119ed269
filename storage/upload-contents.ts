import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatOf } from '../story/plan/stages.ts';
import type { ArtifactName } from '../story/plan/task.ts';
import type { ArtifactStore } from './artifact-store.ts';

/** Something of a person's, filed under the hash of its content, and how it gets into a file. */
export interface Content {
  readonly name: ArtifactName;
  /** Writes the content into `file`; called only where the store lacks it. */
  readonly write: (file: string) => Promise<void>;
}

/**
 * Uploads what the store lacks, one after the other; only that is written to a file at all.
 * @throws PipelineError `STORAGE_*`, and whatever `write` throws.
 */
export async function uploadContents(
  artifacts: Pick<ArtifactStore, 'find' | 'publish'>,
  contents: readonly Content[],
): Promise<void> {
  if (contents.length === 0) return;
  const folder = await mkdtemp(join(tmpdir(), 'shotline-uploads-'));
  try {
    for (const { name, write } of contents) {
      if ((await artifacts.find(name)) !== null) continue;
      const file = join(folder, `${name.key}.${formatOf(name.stage)}`);
      await write(file);
      await artifacts.publish(name, file);
      await rm(file);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
