import { join } from 'node:path';
import { artifactObjectKey } from './artifact-store.ts';
import { scratchPrefix } from './bucket.ts';
import type { ObjectStore } from './object-store.ts';
import { downloadUnlessLost } from './lost-object.ts';

/** Half-made artifacts, so that an attempt after a crash starts where the last one was. Losing one costs time only. */
export interface CheckpointStore {
  /** The furthest whole checkpoint of a task, brought into the folder `dir`; `null` when there is none. */
  latest(
    key: string,
    dir: string,
    signal?: AbortSignal,
  ): Promise<{ readonly step: number; readonly file: string } | null>;
  /** Keeps `file` as the state after `step` steps, and lets go of all but the two furthest. */
  save(key: string, step: number, file: string, signal?: AbortSignal): Promise<void>;
  /** Forgets a task's checkpoints, once its artifact is published. */
  clear(key: string): Promise<void>;
}

/** The newest may prove corrupt, so the one before stays. */
const numKept = 2;

/** Object key of one checkpoint. Steps are padded, so that key order is step order. */
export function checkpointObjectKey(key: string, step: number): string {
  return `${prefixOf(key)}${String(step).padStart(6, '0')}.safetensors`;
}

/** Step of a checkpoint's object key; `null` for a key of another form. */
export function stepOfCheckpoint(objectKey: string): number | null {
  const digits = /\/(\d{6,})\.safetensors$/.exec(objectKey)?.[1];
  return digits === undefined ? null : Number(digits);
}

function prefixOf(key: string): string {
  artifactObjectKey('base', key); // The same rule for keys: nothing that could leave the prefix.
  return `${scratchPrefix}checkpoints/${key}/`;
}

/** The checkpoints in a bucket. */
export function createCheckpointStore(objects: ObjectStore): CheckpointStore {
  async function newestFirst(key: string): Promise<{ objectKey: string; step: number }[]> {
    const found = await objects.list(prefixOf(key));
    return found
      .flatMap(({ key: objectKey }) => {
        const step = stepOfCheckpoint(objectKey);
        return step === null ? [] : [{ objectKey, step }];
      })
      .sort((a, b) => b.step - a.step);
  }

  return {
    async latest(key, dir, signal) {
      for (const { objectKey, step } of await newestFirst(key)) {
        const file = join(dir, `resume-${String(step)}.safetensors`);
        const got = await downloadUnlessLost(objects, objectKey, file, signal);
        if (got.state === 'ok') return { step, file };
        if (got.state === 'corrupt' || got.state === 'lost') await objects.delete(objectKey, got.info.etag);
      }
      return null;
    },
    async save(key, step, file, signal) {
      await objects.putFile(checkpointObjectKey(key, step), file, {
        contentType: 'application/octet-stream',
        ...(signal === undefined ? {} : { signal }),
      });
      const older = (await newestFirst(key)).slice(numKept);
      await Promise.all(older.map(({ objectKey }) => objects.delete(objectKey)));
    },
    async clear(key) {
      await Promise.all((await newestFirst(key)).map(({ objectKey }) => objects.delete(objectKey)));
    },
  };
}
