import { fstatSync, writeSync } from 'node:fs';

/**
 * A stream of the process that knows what became of its bytes. Node's own loses them in silence: what a slow pipe has not
 * taken when the process ends, what a full disk refuses, and the rest of a write that a nearly full disk took in part.
 */
export interface OutputStream {
  write(text: string): void;
  /** Waits until everything is written. `null` when it is, or when the reader of a pipe has gone; else what went wrong. */
  finished(): Promise<NodeJS.ErrnoException | null>;
}

/** A reader that has gone has read all that it wanted. */
const readerGone: ReadonlySet<string | undefined> = new Set(['EPIPE', 'ECONNRESET']);

/** Takes over a stream of the process. */
export function outputStream(stream: NodeJS.WriteStream & { readonly fd: number }): OutputStream {
  let failure: NodeJS.ErrnoException | null = null;
  const fail = (error: NodeJS.ErrnoException): void => {
    failure ??= error;
  };
  stream.on('error', fail);
  const isFile = fstatSync(stream.fd).isFile();
  return {
    write(text) {
      if (failure !== null) return;
      if (!isFile) return void stream.write(text);
      try {
        writeWhole(stream.fd, Buffer.from(text));
      } catch (error) {
        fail(error as NodeJS.ErrnoException);
      }
    },
    async finished() {
      if (!isFile && failure === null) await drained(stream);
      return failure === null || readerGone.has(failure.code) ? null : failure;
    },
  };
}

function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('error', () => {
      resolve();
    });
    stream.write('', () => {
      resolve();
    });
  });
}
