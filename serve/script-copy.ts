import type { ObjectStore } from '../storage/object-store.ts';
import { scriptLimits } from '../story/script/script-limits.ts';
import { storyFolder } from '../storage/story-folder.ts';
import { textWithin } from './small-text.ts';
import { unlessDenied } from './unless-denied.ts';

/** The longest script, in any encoding. */
const maxBytes = 4 * scriptLimits.fileLength;

/** The workflow keeps the normal form of a script; people want to go on with what they wrote. */
const keyOf = (storyId: string): string => `${storyFolder(storyId)}script.yaml`;

/** Keeps the text of a script beside its story. A key that may not write keeps none. @throws PipelineError `STORAGE_UNAVAILABLE`. */
export async function keepScript(
  objects: Pick<ObjectStore, 'putBytes'>,
  storyId: string,
  script: string,
): Promise<void> {
  const bytes = new TextEncoder().encode(script);
  await unlessDenied(objects.putBytes(keyOf(storyId), bytes, { contentType: 'application/yaml' }));
}

/** The text of a story's script; `null` when it was not sent to a server. @throws PipelineError `STORAGE_*`. */
export async function keptScript(objects: Pick<ObjectStore, 'get'>, storyId: string): Promise<string | null> {
  const found = await unlessDenied(objects.get(keyOf(storyId)));
  return found === null ? null : textWithin(found, maxBytes);
}
