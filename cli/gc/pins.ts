import type { Client } from '@temporalio/client';
import type { ObjectStore } from '../../storage/object-store.ts';
import { AbsentError } from '../../client/absent-error.ts';
import { pinObject } from '../../storage/garbage/pin-object.ts';
import { namingDocuments } from './naming-documents.ts';
import { runsOfStory } from '../../client/story-runs.ts';
import { keysOfHistories } from './story-history.ts';

/** Content of a pin. */
interface Pin {
  readonly format: 1;
  readonly storyId: string;
  readonly pinnedMs: number;
  /** All that it keeps, raw frames too. */
  readonly keys: readonly string[];
}

/**
 * Keeps all that a story names, for as long as it is pinned: what its films name, and its histories.
 *
 * @returns how many keys it keeps.
 * @throws AbsentError when neither Temporal nor the bucket knows the story.
 */
export async function pinStory(client: Client, objects: ObjectStore, storyId: string): Promise<number> {
  const films = (await namingDocuments(objects, 'films/')).filter((film) => film.storyId === storyId);
  const runs = await runsOfStory(client, storyId);
  if (films.length === 0 && runs.length === 0)
    throw new AbsentError(`there is no story '${storyId}' to pin; \`shotline status\` lists the stories`);
  const keys = new Set([...films.flatMap((film) => [...film.keys]), ...(await keysOfHistories(client, runs))]);
  const pin: Pin = { format: 1, storyId, pinnedMs: Date.now(), keys: [...keys].sort() };
  const bytes = new TextEncoder().encode(`${JSON.stringify(pin)}\n`);
  await objects.putBytes(pinObject(storyId), bytes, { contentType: 'application/json' });
  return keys.size;
}

/** Lets go of a story. @throws AbsentError when it is not pinned. */
export async function unpinStory(objects: ObjectStore, storyId: string): Promise<void> {
  if ((await objects.head(pinObject(storyId))) === null)
    throw new AbsentError(`the story '${storyId}' is not pinned; \`shotline gc pins\` lists the pins`);
  await objects.delete(pinObject(storyId));
}
