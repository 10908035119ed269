import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ObjectInfo } from '../storage/object-store.ts';

/** An object that was found. */
export interface FoundObject {
  readonly info: Pick<ObjectInfo, 'bytes'>;
  readonly body: Readable;
}

/** The text of an object that is small by its nature; `null` of one that is larger, which is not what it should be and is not read. */
export async function textWithin({ info, body }: FoundObject, maxBytes: number): Promise<string | null> {
  if (info.bytes <= maxBytes) return text(body);
  body.destroy();
  return null;
}

/** The values of such an object; `null` of one that is larger, or no JSON. */
export async function jsonWithin(found: FoundObject, maxBytes: number): Promise<unknown> {
  const written = await textWithin(found, maxBytes);
  try {
    return written === null ? null : JSON.parse(written);
  } catch {
    return null;
  }
}
