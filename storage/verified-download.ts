import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { DigestStream } from './file-hash.ts';
import type { ContentDigest } from './file-hash.ts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';
import { storageError } from './s3-error.ts';
import { makePrivateFolder, partialOf, privateFileMode } from './whole-file.ts';
import { PipelineError } from '../errors/pipeline-error.ts';

/** Bytes that were read and verified, and how the bucket calls this very content of the object. */
export interface StoredContent extends ContentDigest {
  readonly etag: string;
}

/** What came of a download. Only with `ok` does the file exist. */
export type Download =
  | { readonly state: 'ok'; readonly content: StoredContent }
  | { readonly state: 'missing' }
  /** Whole, twice, and wrong both times, or nothing to hold it against: the object itself is at fault, not the way to it. */
  | { readonly state: 'corrupt'; readonly info: ObjectInfo; readonly reason: string };

/** How an object is fetched. */
export interface DownloadOptions {
  /** Overrules the sha256 of the object's metadata. */
  readonly expectedSha256?: string;
  readonly signal?: AbortSignal;
  /** Rights of the file; by default its owner's alone. */
  readonly mode?: number;
  /** Hears of bytes as they come; a transfer that is tried again counts from 0. */
  readonly onBytes?: (done: number, of: number) => void;
}

/** A cut connection is tried again here, for the SDK retries only until the first byte of the body. */
const maxTries = 3;

/**
 * Fetches an object to `file` and checks length and sha256 while the bytes pass. The file appears by rename, so it is
 * whole or absent;
 * its readers check what they read again after a restart, so it need not be on the disk yet. `expectedSha256` overrules the object's metadata.
 * @throws `STORAGE_UNAVAILABLE` when the transfer breaks every time, `RESOURCE_DISK` when the disk is full.
 */
export async function downloadVerified(
  objects: ObjectStore,
  key: string,
  file: string,
  options: DownloadOptions = {},
): Promise<Download> {
  await makePrivateFolder(dirname(file));
  let doubt: string | null = null;
  for (let tries = 1; ; tries++) {
    const found = await objects.get(key, options.signal);
    if (found === null) return { state: 'missing' };
    const { info, body } = found;
    const expected = options.expectedSha256 ?? info.sha256;
    if (expected === null) {
      body.destroy();
      const reason = info.isBelieved ? 'its metadata hold no sha256' : 'it carries no seal that this worker believes';
      return { state: 'corrupt', info, reason };
    }
    const partial = partialOf(file);
    const digest = new DigestStream((done) => options.onBytes?.(done, info.bytes));
    try {
      // Opened before the transfer: a stream that opens for itself may do so after the transfer broke and `rm` ran.
      const handle = await open(partial, 'wx', options.mode ?? privateFileMode).catch((error: unknown) => {
        body.destroy();
        throw error;
      });
      await pipeline(
        body,
        digest,
        handle.createWriteStream(),
        options.signal === undefined ? {} : { signal: options.signal },
      );
      const content = digest.digest();
      if (content.bytes !== info.bytes) throw truncated(content.bytes, info.bytes);
      if (content.sha256 === expected) {
        await rename(partial, file);
        return { state: 'ok', content: { ...content, etag: info.etag } };
      }
      const reason = `its sha256 is ${content.sha256}, not ${expected}`;
      if (doubt === reason) return { state: 'corrupt', info, reason };
      if (tries >= maxTries) throw garbled(reason);
      doubt = reason;
    } catch (error) {
      const known = storageError(error, { action: `read ${key}`, endpoint: objects.endpoint, bucket: objects.bucket });
      const maySucceed = known instanceof PipelineError && known.code === 'STORAGE_UNAVAILABLE';
      if (!maySucceed || tries >= maxTries) throw known;
    } finally {
      await rm(partial, { force: true });
    }
  }
}

/** Other bytes at each try: the way is at fault, and the object may be well. */
const garbled = (reason: string): Error =>
  Object.assign(new Error(`other bytes at each try; ${reason}`), { code: 'ECONNRESET' });

/** Has the code of a cut connection, so that it is mapped as one. */
const truncated = (got: number, of: number): Error =>
  Object.assign(new Error(`the transfer ended after ${String(got)} of ${String(of)} bytes`), { code: 'ECONNRESET' });
