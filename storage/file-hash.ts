import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';

/** Length and sha256 (64 hex digits) of some bytes. */
export interface ContentDigest {
  readonly sha256: string;
  readonly bytes: number;
}

/** Passes bytes on and knows their digest once they have all gone through. */
export class DigestStream extends Transform {
  readonly #hash = createHash('sha256');
  #bytes = 0;
  readonly #onBytes: (done: number) => void;

  /** `onBytes` hears how many bytes have gone through. */
  constructor(onBytes: (done: number) => void = () => undefined) {
    super();
    this.#onBytes = onBytes;
  }

  /** Passes the chunk on and takes it into the digest. */
  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    this.#onBytes(this.#bytes);
    done(null, chunk);
  }

  /** The digest; call it once, after the stream has ended. */
  digest(): ContentDigest {
    return { sha256: this.#hash.digest('hex'), bytes: this.#bytes };
  }
}

/** Digest of bytes in memory. */
export function digestOf(bytes: Uint8Array): ContentDigest {
  return { sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length };
}

/** Digest of a file, read as a stream. */
export async function digestOfFile(file: string, signal?: AbortSignal): Promise<ContentDigest> {
  const digest = new DigestStream();
  digest.resume();
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), digest, signal === undefined ? {} : { signal });
  return digest.digest();
}
