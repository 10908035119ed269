import type { Client } from '@temporalio/client';
import { uploadPictures } from '../pictures/upload.ts';
import { createArtifactStore } from '../storage/artifact-store.ts';
import type { Environment } from '../storage/config.ts';
import { withBucket } from './bucket.ts';
import type { PreparedStory } from './prepare-story.ts';
import { pushPackages } from './push-packages.ts';
import { submitStory } from './story-client.ts';
import type { Submitted } from './story-client.ts';
import type { TemporalConfig } from './temporal-config.ts';

/** Where a story is submitted to. */
export interface StoryServers {
  readonly client: Client;
  readonly temporal: Pick<TemporalConfig, 'namespace' | 'queues'>;
  /** The environment with the address of the storage in it. Holds secrets. */
  readonly env: Environment;
}

/**
 * Uploads what the bucket lacks of a story's models, pictures, sounds and clips, and submits it.
 * @throws PipelineError `STORAGE_*`, `MODEL_CORRUPT`, `STACK_UNAVAILABLE`.
 */
export async function submitPrepared(
  { client, temporal, env }: StoryServers,
  story: PreparedStory,
  tenant?: string,
): Promise<Submitted> {
  await pushPackages(env, Object.values(story.models.dirs));
  if (story.pictures.length + story.sounds.length + story.clips.length > 0) await pushFiles(env, story);
  return submitStory(client, temporal, {
    script: story.script,
    models: story.models.ref,
    ...(tenant === undefined ? {} : { tenant }),
  });
}

/** Uploads the pictures, sounds and clips that the bucket lacks. @throws PipelineError `STORAGE_*`. */
async function pushFiles(env: Environment, { pictures, sounds, clips }: PreparedStory): Promise<void> {
  await withBucket(env, async (objects) => {
    const artifacts = createArtifactStore(objects);
    await uploadPictures(artifacts, pictures);
    if (clips.length > 0) await (await import('../clips/upload.ts')).uploadClips(artifacts, clips);
    if (sounds.length > 0) await (await import('../sounds/upload.ts')).uploadSounds(artifacts, sounds);
  });
}
