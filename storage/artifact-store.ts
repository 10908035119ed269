import type { ArtifactRef } from '../story/plan/task-run.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import { type ArtifactFormat, formatOf } from '../story/plan/stages.ts';
import { type ArtifactKind, type ArtifactName, isUpload } from '../story/plan/task.ts';
import { freeBlockedKey } from './blocked-key.ts';
import { digestOfFile } from './file-hash.ts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';
import { downloadOrTellLost, downloadUnlessLost } from './lost-object.ts';
import type { StoredContent } from './verified-download.ts';

/** An artifact that was read and verified. */
export interface FetchedArtifact extends ArtifactRef, StoredContent {}

/**
 * Content-addressed results of stages. Invariants:
 *
 * A1. An artifact is written once: a conditional put, and the loser of a race takes the winner's.
 * A2. What `fetch` hands out has the sha256 that its writer computed; a picture has the one that is its key, for clients write those.
 * A3. Only an object that is proven wrong or lost is deleted, and only that very content of it.
 */
export interface ArtifactStore {
  /** The artifact of a task, if it has been made. Looks, does not read. */
  find(task: ArtifactName): Promise<ArtifactRef | null>;
  /**
   * Brings an artifact to `file`, verified.
   * @throws `ARTIFACT_MISSING` or `ARTIFACT_CORRUPT` with details `{ key }`; a corrupt object is deleted, where the reader may.
   */
  fetch(artifact: ArtifactName, file: string, signal?: AbortSignal): Promise<FetchedArtifact>;
  /** Publishes `file` as the artifact of a task; returns the one that is there in the end. */
  publish(task: ArtifactName, file: string, signal?: AbortSignal): Promise<ArtifactRef>;
  /** Deletes an artifact whose content is of no use, if it still has the content with this hash. */
  discard(artifact: ArtifactName, sha256: string): Promise<void>;
}

const contentTypes = {
  safetensors: 'application/octet-stream',
  mp4: 'video/mp4',
  json: 'application/json',
  flac: 'audio/flac',
  // GIF or WebP; it is published under its own name.
  image: 'application/octet-stream',
} as const satisfies Record<ArtifactFormat, string>;

/** Where an artifact lies in the bucket. */
export function artifactObjectKey(stage: ArtifactKind, key: string): string {
  if (!/^[0-9a-f]{64}$/.test(key)) {
    throw new PipelineError(
      'INTERNAL',
      `The artifact key '${key.slice(0, 80)}' is not 64 hex digits; keys come from the plan.`,
    );
  }
  // What clients may write lies in one folder, which is all that their policy names.
  return `artifacts/${isUpload(stage) ? 'upload' : stage}/${key}.${formatOf(stage)}`;
}

/** What was in the way of an artifact that is being written. */
export interface BlockedArtifact {
  readonly stage: ArtifactKind;
  /** Its object key, which was a folder. */
  readonly object: string;
  /** Objects that lay below it and were deleted; `denied` where the writer may not delete, and writes over the folder. */
  readonly below: number | 'denied';
}

/**
 * The artifacts in a bucket.
 *
 * @param onBlocked - Hears of keys that somebody had made folders of, which no task does.
 *
 * @example
 * ```ts
 * import { createArtifactStore } from './artifact-store.ts';
 * import { connectObjectStore } from './object-store.ts';
 * import type { ArtifactName } from '../story/plan/task.ts';
 * import type { StorageConfig } from './config.ts';
 *
 * async function once(config: StorageConfig, task: ArtifactName, make: () => Promise<string>): Promise<void> {
 *   const artifacts = createArtifactStore(connectObjectStore(config));
 *   if ((await artifacts.find(task)) === null) await artifacts.publish(task, await make());
 * }
 * ```
 */
export function createArtifactStore(
  objects: ObjectStore,
  onBlocked: (blocked: BlockedArtifact) => void = () => undefined,
): ArtifactStore {
  async function look({ stage, key }: ArtifactName): Promise<ObjectInfo | null> {
    const info = await objects.head(artifactObjectKey(stage, key));
    return info === null || !isUpload(stage) ? info : { ...info, sha256: key };
  }

  async function find(task: ArtifactName): Promise<ArtifactRef | null> {
    const info = await look(task);
    // Without a digest nothing can be verified: for a reader it is not there, and the next writer takes its place.
    return info?.sha256 == null ? null : { key: task.key, sha256: info.sha256, bytes: info.bytes };
  }

  /** Takes a useless content out of the way, where the reader may: a client's key deletes nothing. Says what became of it. */
  async function remove({ key, etag }: ObjectInfo): Promise<string> {
    try {
      await objects.delete(key, etag);
      return 'has been deleted';
    } catch (error) {
      if (error instanceof PipelineError && error.code === 'STORAGE_DENIED') return 'is left for a worker to delete';
      throw error;
    }
  }

  return {
    find,
    async fetch({ stage, key }, file, signal) {
      const objectKey = artifactObjectKey(stage, key);
      // Nobody but its owner can make a picture again, so it is waited for.
      const got = isUpload(stage)
        ? await downloadOrTellLost(objects, objectKey, file, {
            ...(signal === undefined ? {} : { signal }),
            expectedSha256: key,
            remedy: 'Delete it in the bucket and render the script again, which uploads its pictures and sounds.',
          })
        : await downloadUnlessLost(objects, objectKey, file, signal);
      switch (got.state) {
        case 'ok':
          return { key, ...got.content };
        case 'missing':
          throw lost(
            'ARTIFACT_MISSING',
            { stage, key },
            `The ${stage} artifact ${objectKey} is not in bucket '${objects.bucket}'`,
          );
        case 'lost':
          throw lost(
            'ARTIFACT_MISSING',
            { stage, key },
            `The ${stage} artifact ${objectKey} is listed in bucket '${objects.bucket}' and cannot be read (${got.reason}), while other objects can: it is lost, and ${await remove(got.info)}`,
          );
        case 'corrupt':
          throw lost(
            'ARTIFACT_CORRUPT',
            { stage, key },
            `The ${stage} artifact ${objectKey} was corrupt (${got.reason}) and ${await remove(got.info)}`,
          );
      }
    },
    async discard(artifact, sha256) {
      const info = await look(artifact);
      if (info?.sha256 === sha256) await objects.delete(info.key, info.etag);
    },
    async publish(task, file, signal) {
      const objectKey = artifactObjectKey(task.stage, task.key);
      const content = await digestOfFile(file, signal);
      const contentType = contentTypes[formatOf(task.stage)];
      let ifAbsent = true;
      for (let tries = 1; ; tries++) {
        const outcome = await objects.putFile(objectKey, file, {
          contentType,
          ifAbsent,
          sha256: content.sha256,
          ...(signal === undefined ? {} : { signal }),
        });
        if (outcome === 'written') return { key: task.key, ...content };
        const winner = await look(task);
        if (winner?.sha256 != null) return { key: task.key, sha256: winner.sha256, bytes: winner.bytes };
        // Nobody can verify it, and a conditional put never overwrites.
        if (winner !== null) await objects.delete(objectKey, winner.etag);
        // Deleted between the put and the look; a second time it is a folder.
        else if (tries > 1) {
          const below = await freeBlockedKey(objects, objectKey);
          onBlocked({ stage: task.stage, object: objectKey, below });
          // Nothing is there that could be overwritten, and the folder stays beside the object.
          ifAbsent = below !== 'denied';
        }
        if (tries === maxPublishTries) {
          throw lost(
            'ARTIFACT_MISSING',
            task,
            `The ${task.stage} artifact ${objectKey} vanishes each time it is written`,
          );
        }
      }
    },
  };
}

const maxPublishTries = 3;

/** What becomes of an artifact that is lost. */
export function remedyOf(kind: ArtifactKind): string {
  return isUpload(kind) ? 'submit the story again, which uploads its pictures and sounds' : 'it is made again';
}

const lost = (code: 'ARTIFACT_MISSING' | 'ARTIFACT_CORRUPT', { stage, key }: ArtifactName, what: string) =>
  new PipelineError(code, `${what}; ${remedyOf(stage)}`, { details: { key } });
