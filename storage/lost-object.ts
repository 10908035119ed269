import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { DigestStream } from './file-hash.ts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import { isAbort } from './s3-error.ts';
import { proveStorage } from './storage-proof.ts';
import { type Download, type DownloadOptions, downloadVerified } from './verified-download.ts';

/** An object that is listed and was not read, while others can be. */
export interface LostDownload {
  readonly state: 'lost';
  readonly info: ObjectInfo;
  readonly reason: string;
}

/**
 * Pauses between the looks at an object that cannot be read, milliseconds: a server that is starting, or moves a volume, is
 * done with it by then.
 */
const looksAfterMs = [2_000, 4_000, 8_000];

/** A fresh object of more would cost more than it tells. */
const largestProofBytes = 32 * 2 ** 20;

/**
 * Whether an object is lost behind a server that is well: it is listed, no read of it comes to its end for some seconds, and a
 * fresh object of the same size is written and read in the meantime. Gives what is listed, or `null` when it is not listed, can be read
 * after all, or the server as a whole is unwell: nothing is to be deleted then.
 */
async function lostObject(objects: ObjectStore, key: string, signal?: AbortSignal): Promise<ObjectInfo | null> {
  try {
    const info = await objects.head(key);
    if (info === null) return null;
    for (const pauseMs of looksAfterMs) {
      await delay(pauseMs, undefined, signal === undefined ? {} : { signal });
      if (await canBeRead(objects, info, signal)) return null;
    }
    await proveStorage(objects, Math.min(info.bytes, largestProofBytes));
    return (await canBeRead(objects, info, signal)) ? null : info;
  } catch (error) {
    if (isAbort(error)) throw error;
    return null;
  }
}

/**
 * As {@link downloadVerified}, for objects that can be made again: one that is lost behind a server that is well is said to be lost, where
 * a reader would otherwise wait for ever.
 *
 * @throws as {@link downloadVerified}.
 */
export async function downloadUnlessLost(
  objects: ObjectStore,
  key: string,
  file: string,
  signal?: AbortSignal,
): Promise<Download | LostDownload> {
  let failure: PipelineError | null = null;
  let got: Download = { state: 'missing' };
  try {
    got = await downloadVerified(objects, key, file, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'STORAGE_UNAVAILABLE') throw error;
    failure = error;
  }
  if (got.state !== 'missing') return got;
  const info = await lostObject(objects, key, signal);
  if (info !== null) return { state: 'lost', info, reason: failure?.message ?? 'each read says that it is not there' };
  if (failure !== null) throw failure;
  return got;
}

/**
 * As {@link downloadVerified}, for objects that nobody can make again: of one that is lost behind a server that is well the failure says
 * so, and what brings it back. Whoever needs it waits for that.
 *
 * @param remedy - What somebody can do, as a sentence.
 * @throws as {@link downloadVerified}.
 */
export async function downloadOrTellLost(
  objects: ObjectStore,
  key: string,
  file: string,
  { remedy, ...options }: DownloadOptions & { readonly remedy: string },
): Promise<Download> {
  try {
    return await downloadVerified(objects, key, file, options);
  } catch (error) {
    if (!(error instanceof PipelineError) || error.code !== 'STORAGE_UNAVAILABLE') throw error;
    if ((await lostObject(objects, key, options.signal)) === null) throw error;
    const { endpoint, bucket } = objects;
    throw new PipelineError(
      'STORAGE_UNAVAILABLE',
      `${key} is lost: bucket '${bucket}' at ${endpoint} lists it and cannot give it (${String(error.details['reason'])}), while other objects can be read. ${remedy} The task waits for that and goes on by itself.`,
      { details: { ...error.details, lost: key }, cause: error },
    );
  }
}

async function canBeRead(objects: ObjectStore, { key, bytes }: ObjectInfo, signal?: AbortSignal): Promise<boolean> {
  try {
    const found = await objects.get(key, signal);
    if (found === null) return false;
    const digest = new DigestStream();
    await pipeline(found.body, digest.resume(), signal === undefined ? {} : { signal });
    return digest.digest().bytes === bytes;
  } catch (error) {
    if (isAbort(error)) throw error;
    return false;
  }
}
