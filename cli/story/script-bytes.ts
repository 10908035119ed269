import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { systemCode } from '../../errors/system-code.ts';
import { scriptLimits } from '../../story/script/script-limits.ts';
import { UsageError } from '../shell/cli-errors.ts';

/** More than the longest script has in any encoding: reading stops here, and what was read is told to be too long. */
const maxBytes = 4 * scriptLimits.fileLength + 1;
/** How long a pipe may say nothing. */
const patienceMs = 10_000;
const pollMs = 20;

/**
 * The bytes of a script: of a file, of a pipe as `<(…)` makes it, or of stdin, which is `-`.
 * @throws UsageError when there is nothing to read, or nobody writes.
 */
export async function readScriptBytes(file: string): Promise<Uint8Array> {
  if (file === '-') return readStream(process.stdin);
  let handle: FileHandle;
  try {
    // To open a pipe that nobody writes to would wait for ever.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw cannotRead(file, error);
  }
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw new UsageError(`the story ${file} is a folder; name the file in it`);
    if (!stats.isFile() && !stats.isFIFO())
      throw new UsageError(`the story ${file} is a device; name a file, or - for stdin`);
    return await readHandle(handle, file, stats.isFIFO());
  } catch (error) {
    throw error instanceof UsageError ? error : cannotRead(file, error);
  } finally {
    await handle.close();
  }
}

async function readStream(stream: AsyncIterable<Buffer>): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let numBytes = 0;
  for await (const part of stream) {
    parts.push(part);
    numBytes += part.length;
    if (numBytes >= maxBytes) break;
  }
  return Buffer.concat(parts).subarray(0, maxBytes);
}

async function readHandle(handle: FileHandle, file: string, isPipe: boolean): Promise<Uint8Array> {
  const bytes = Buffer.alloc(maxBytes);
  let numBytes = 0;
  let deadline = Date.now() + patienceMs;
  while (numBytes < maxBytes) {
    const read = await readSome(handle, bytes, numBytes);
    if (read === 0 && (!isPipe || numBytes > 0)) break;
    if (read !== null && read > 0) {
      numBytes += read;
      deadline = Date.now() + patienceMs;
    } else if (Date.now() > deadline) {
      throw new UsageError(`the story ${file} is a pipe that nobody writes to; name a file, or - for stdin`);
    } else await delay(pollMs);
  }
  return bytes.subarray(0, numBytes);
}

/** How many bytes came; 0 at the end, also of a pipe that nobody has opened yet; `null` while its writer says nothing. */
async function readSome(handle: FileHandle, bytes: Buffer, offset: number): Promise<number | null> {
  try {
    return (await handle.read(bytes, offset, bytes.length - offset, null)).bytesRead;
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') return null;
    throw error;
  }
}

function cannotRead(file: string, error: unknown): UsageError {
  return new UsageError(`cannot read the story ${file}: ${error instanceof Error ? error.message : String(error)}`);
}
