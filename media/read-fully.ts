import type { FileHandle } from 'node:fs/promises';

/**
 * Fills `into` with the bytes of a file from `position` on. One call of the operating system may give fewer than were asked for.
 * @param onEnd - The error for a file that ends before, at which byte.
 */
export async function readFully(
  handle: FileHandle,
  into: Uint8Array,
  position: number,
  onEnd: (byte: number) => Error,
): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await handle.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw onEnd(position + done);
    done += bytesRead;
  }
}
