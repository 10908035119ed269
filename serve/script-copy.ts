import { text } from 'node:stream/consumers';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { ObjectStore } from '../storage/object-store.ts';

/** The workflow keeps the normal form of a script; people want to go on with what they wrote. */
const keyOf = (storyId: string): string => `stories/${encodeURIComponent(storyId)}/script.yaml`;

/** Keeps the text of a script beside its story. A key that may not write keeps none. @throws PipelineError `STORAGE_UNAVAILABLE`. */
export async function keepScript(
  objects: Pick<ObjectStore, 'putBytes'>,
  storyId: string,
  script: string,
): Promise<void> {
  try {
    await objects.putBytes(keyOf(storyId), new TextEncoder().encode(script), { contentType: 'application/yaml' });
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'STORAGE_DENIED') throw error;
  }
}

/** The text of a story's script; `null` when it was not sent to a server. @throws PipelineError `STORAGE_*`. */
export async function keptScript(objects: Pick<ObjectStore, 'get'>, storyId: string): Promise<string | null> {
  const found = await objects.get(keyOf(storyId));
  return found === null ? null : text(found.body);
}
