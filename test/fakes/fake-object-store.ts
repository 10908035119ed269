import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { digestOf } from '../../storage/file-hash.ts';
import type { ListedObject, ObjectInfo, ObjectStore, PutOptions, PutOutcome } from '../../storage/object-store.ts';

interface Stored {
  readonly bytes: Uint8Array;
  readonly info: ObjectInfo;
  readonly writtenMs: number;
}

/** A bucket in memory. `failWrites` makes every write fail as a store that is away does. */
export class FakeObjectStore implements ObjectStore {
  readonly bucket = 'memory';
  readonly endpoint = 'memory://';
  readonly objects = new Map<string, Stored>();
  failWrites = false;

  /** Keys under a prefix, sorted. */
  keys(prefix = ''): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  /** Content of an object as text. */
  text(key: string): string {
    const stored = this.objects.get(key);
    if (stored === undefined) throw new Error(`no object ${key}`);
    return Buffer.from(stored.bytes).toString('utf8');
  }

  head(key: string): Promise<ObjectInfo | null> {
    return Promise.resolve(this.objects.get(key)?.info ?? null);
  }

  get(key: string, signal?: AbortSignal): Promise<{ info: ObjectInfo; body: Readable } | null> {
    signal?.throwIfAborted();
    const stored = this.objects.get(key);
    return Promise.resolve(stored === undefined ? null : { info: stored.info, body: Readable.from([stored.bytes]) });
  }

  async putFile(key: string, file: string, options: PutOptions): Promise<PutOutcome> {
    return this.putBytes(key, await readFile(file), options);
  }

  putBytes(key: string, bytes: Uint8Array, options: PutOptions): Promise<PutOutcome> {
    options.signal?.throwIfAborted();
    if (this.failWrites) {
      return Promise.reject(new PipelineError('STORAGE_UNAVAILABLE', `cannot write ${key}: the store is away`));
    }
    if (options.ifAbsent === true && this.objects.has(key)) return Promise.resolve('exists');
    const { sha256 } = digestOf(bytes);
    const { recipe = null } = options;
    const info = {
      key,
      bytes: bytes.length,
      sha256: options.sha256 ?? sha256,
      recipe,
      seal: options.seal ?? null,
      isBelieved: true,
      etag: sha256.slice(0, 32),
    };
    this.objects.set(key, { bytes: Uint8Array.from(bytes), info, writtenMs: Date.now() });
    return Promise.resolve('written');
  }

  list(prefix: string): Promise<ListedObject[]> {
    const listed = [...this.objects.values()].filter(({ info }) => info.key.startsWith(prefix));
    return Promise.resolve(
      listed
        .map(({ info: { key, bytes, etag }, writtenMs }) => ({ key, bytes, etag, modifiedMs: writtenMs }))
        .sort((a, b) => (a.key < b.key ? -1 : 1)),
    );
  }

  delete(key: string, etag?: string): Promise<void> {
    if (etag === undefined || this.objects.get(key)?.info.etag === etag) this.objects.delete(key);
    return Promise.resolve();
  }

  presign(key: string): Promise<string> {
    return Promise.resolve(`memory://${key}`);
  }

  ensureBucket(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.objects.clear();
  }
}
