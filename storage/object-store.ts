import { createReadStream } from 'node:fs';
import { Agent } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  S3Client,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { prepareBucket } from './bucket.ts';
import { hideSdkNodeVersionWarning } from './config.ts';
import type { StorageConfig } from './config.ts';
import { digestOf, digestOfFile } from './file-hash.ts';
import { isConflict, isNoSuchObject, isPreconditionFailed, storageError } from './s3-error.ts';

/** What a HEAD tells of an object. */
export interface ObjectInfo {
  readonly key: string;
  readonly bytes: number;
  /** The sha256 that its writer put into the metadata; `null` for an object that Shotline did not write. */
  readonly sha256: string | null;
  /** What its writer said it was made from; `null` when nothing. */
  readonly recipe: string | null;
  /** What vouches for the fields above, see `artifact-seal.ts`; `null` when nothing does. */
  readonly seal: string | null;
  /** Whether its maker is one of those that the reader believes; without keys every reader believes everybody. */
  readonly isBelieved: boolean;
  readonly etag: string;
}

/** What a listing tells of an object. */
export interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly etag: string;
  /** When it was last written, Unix milliseconds, in whole seconds; S3 does not say when it was last read. */
  readonly modifiedMs: number;
}

/** How an object is written. */
export interface PutOptions {
  readonly contentType: string;
  /** File name that a browser proposes. */
  readonly fileName?: string;
  /** Write only where nothing is; the outcome says whether something was. */
  readonly ifAbsent?: boolean;
  /** Digest of the content, where the caller knows it already. */
  readonly sha256?: string;
  /** Hash of what the content was made from, kept beside it for a later look. */
  readonly recipe?: string;
  /** What vouches for content and place. */
  readonly seal?: string;
  readonly signal?: AbortSignal;
}

/** What came of a write: `exists` only with `ifAbsent`. */
export type PutOutcome = 'written' | 'exists';

/**
 * One bucket, as the stores see it. Every method throws `STORAGE_UNAVAILABLE` (may pass) or `STORAGE_DENIED` (will not),
 * with endpoint and bucket in the message; an abort passes untouched.
 */
export interface ObjectStore {
  readonly bucket: string;
  readonly endpoint: string;
  /** `null` when there is no such object. */
  head(key: string): Promise<ObjectInfo | null>;
  /** The object's bytes as they arrive; `null` when there is none. The caller consumes or destroys the body. */
  get(key: string, signal?: AbortSignal): Promise<{ readonly info: ObjectInfo; readonly body: Readable } | null>;
  /** Writes a file, in parts when it is large; the parts become visible together or not at all. */
  putFile(key: string, file: string, options: PutOptions): Promise<PutOutcome>;
  /** Writes bytes that are in memory. */
  putBytes(key: string, bytes: Uint8Array, options: PutOptions): Promise<PutOutcome>;
  /** The objects under a prefix, in key order. */
  list(prefix: string): Promise<readonly ListedObject[]>;
  /** Deletes; an absent object is fine. With `etag` only that very content, so that a repaired object survives. */
  delete(key: string, etag?: string): Promise<void>;
  /** A GET URL at the public endpoint. `expiresSeconds` up to 604 800. */
  presign(key: string, expiresSeconds: number): Promise<string>;
  /** Makes the bucket and the rule that clears `scratch/` after a week. Safe to call at every start. */
  ensureBucket(): Promise<void>;
  /** Lets go of open connections. */
  close(): void;
}

/** Three tries with the SDK's back-off bridge a hiccup; a real outage is told within a second and waits in Temporal. */
const maxAttempts = 3;
const connectionTimeoutMs = 3_000;
/** Idle time of a socket, not of a transfer. */
const socketTimeoutMs = 30_000;
/** With two in flight a writer holds at most 32 MiB; 10 000 parts make 160 GB. */
const partBytes = 16 * 1024 * 1024;
const partsInFlight = 2;
/** The SDK's own number. */
const connectionsAtOnce = 50;
const conflictTries = 5;
const conflictDelayMs = 200;

function clientConfig(config: StorageConfig, endpoint: string | null): S3ClientConfig {
  return {
    region: config.region,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    ...(config.credentials === null ? {} : { credentials: { ...config.credentials } }),
    maxAttempts,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      socketTimeout: socketTimeoutMs,
      // An agent and not its options: the SDK writes large bodies by agents of its own, which would not know the authority.
      ...(config.ca === null
        ? {}
        : { httpsAgent: new Agent({ keepAlive: true, maxSockets: connectionsAtOnce, ca: config.ca }) }),
    },
    // Reads are checked against our own sha256, which holds for multipart objects too.
    responseChecksumValidation: 'WHEN_REQUIRED',
  };
}

/** RFC 6266: the name in ASCII for old clients, and as it is, in the encoding of RFC 8187, for all others. */
function dispositionOf(fileName: string): string {
  const encoded = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `inline; filename="${fileName.replace(/[^\w.-]/g, '_')}"; filename*=UTF-8''${encoded}`;
}

/** Opens a bucket. Nothing is sent before the first call. The only door to the AWS SDK. */
export function connectObjectStore(config: StorageConfig): ObjectStore {
  hideSdkNodeVersionWarning();
  const client = new S3Client(clientConfig(config, config.endpoint));
  // A link must hold nothing but the signature: an upload checksum in it makes strict servers refuse.
  const signer = new S3Client({
    ...clientConfig(config, config.publicEndpoint),
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  const Bucket = config.bucket;
  const endpoint = config.endpoint ?? `AWS region ${config.region}`;

  // A server on this machine is taken for that of the local stack, which writes below the cache folder.
  const disk = /^http:\/\/127\.0\.0\.1[:/]/.test(endpoint) ? { disk: config.cacheDir } : {};

  const attempt = async <Result>(action: string, work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw storageError(error, { action, endpoint, bucket: Bucket, ...disk });
    }
  };
  const orNull = async <Result>(work: () => Promise<Result>): Promise<Result | null> => {
    try {
      return await work();
    } catch (error) {
      if (isNoSuchObject(error)) return null;
      throw error;
    }
  };
  const infoOf = (
    key: string,
    answer: {
      ContentLength?: number | undefined;
      ETag?: string | undefined;
      Metadata?: Record<string, string> | undefined;
    },
  ): ObjectInfo => ({
    key,
    bytes: answer.ContentLength ?? 0,
    sha256: answer.Metadata?.['sha256'] ?? null,
    recipe: answer.Metadata?.['recipe'] ?? null,
    seal: answer.Metadata?.['seal'] ?? null,
    isBelieved: true,
    etag: answer.ETag ?? '',
  });

  async function upload(
    key: string,
    open: () => Readable | Uint8Array,
    sha256: string,
    options: PutOptions,
  ): Promise<PutOutcome> {
    const { signal } = options;
    for (let tries = 1; ; tries++) {
      signal?.throwIfAborted();
      const transfer = new Upload({
        client,
        partSize: partBytes,
        queueSize: partsInFlight,
        params: {
          Bucket,
          Key: key,
          Body: open(),
          ContentType: options.contentType,
          ...(options.fileName === undefined ? {} : { ContentDisposition: dispositionOf(options.fileName) }),
          Metadata: {
            sha256,
            ...(options.recipe === undefined ? {} : { recipe: options.recipe }),
            ...(options.seal === undefined ? {} : { seal: options.seal }),
          },
          ...(options.ifAbsent === true ? { IfNoneMatch: '*' } : {}),
        },
      });
      const stop = () => void transfer.abort();
      signal?.addEventListener('abort', stop, { once: true });
      try {
        await transfer.done();
        return 'written';
      } catch (error) {
        if (options.ifAbsent === true && isPreconditionFailed(error)) return 'exists';
        if (!isConflict(error) || tries === conflictTries) throw error;
        await delay(conflictDelayMs * tries, undefined, signal === undefined ? {} : { signal });
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    }
  }

  return {
    bucket: Bucket,
    endpoint,
    head: (key) =>
      attempt(`look up ${key}`, () =>
        orNull(async () => infoOf(key, await client.send(new HeadObjectCommand({ Bucket, Key: key })))),
      ),
    get: (key, signal) =>
      attempt(`read ${key}`, () =>
        orNull(async () => {
          const answer = await client.send(
            new GetObjectCommand({ Bucket, Key: key }),
            signal === undefined ? {} : { abortSignal: signal },
          );
          return { info: infoOf(key, answer), body: answer.Body as Readable };
        }),
      ),
    putFile: (key, file, options) =>
      attempt(`write ${key}`, async () => {
        const sha256 = options.sha256 ?? (await digestOfFile(file, options.signal)).sha256;
        return upload(key, () => createReadStream(file, { highWaterMark: 1 << 20 }), sha256, options);
      }),
    putBytes: (key, bytes, options) =>
      attempt(`write ${key}`, () => upload(key, () => bytes, options.sha256 ?? digestOf(bytes).sha256, options)),
    list: (prefix) =>
      attempt(`list ${prefix}`, async () => {
        const found: ListedObject[] = [];
        for await (const page of paginateListObjectsV2({ client }, { Bucket, Prefix: prefix })) {
          for (const { Key, Size, ETag, LastModified } of page.Contents ?? []) {
            if (Key === undefined) continue;
            found.push({
              key: Key,
              bytes: Size ?? 0,
              etag: ETag ?? '',
              modifiedMs: LastModified?.getTime() ?? Date.now(),
            });
          }
        }
        return found;
      }),
    delete: (key, etag) =>
      attempt(`delete ${key}`, async () => {
        try {
          await client.send(
            new DeleteObjectCommand({ Bucket, Key: key, ...(etag === undefined ? {} : { IfMatch: etag }) }),
          );
        } catch (error) {
          if (!isPreconditionFailed(error) && !isNoSuchObject(error)) throw error;
        }
      }),
    presign: (key, expiresSeconds) =>
      attempt(`presign ${key}`, () =>
        getSignedUrl(signer, new GetObjectCommand({ Bucket, Key: key }), { expiresIn: expiresSeconds }),
      ),
    ensureBucket: () =>
      attempt('prepare the bucket', () =>
        prepareBucket(client, Bucket, config.endpoint === null ? config.region : null),
      ),
    close: () => {
      client.destroy();
      signer.destroy();
    },
  };
}
