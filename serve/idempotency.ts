import { createHash } from 'node:crypto';
import { z } from 'zod';
import { scratchPrefix } from '../storage/bucket.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { hashOf } from '../story/script/content-hash.ts';
import { RequestError } from './problem.ts';
import { jsonWithin } from './small-text.ts';

const noteSchema = z.object({ body: z.string(), storyId: z.string().nullable(), atMs: z.number() });
type Note = z.infer<typeof noteSchema>;

/** More than a note has. */
const noteBytes = 4096;
/** A request under way is not repeated before it can have ended. */
const underWayMs = 150_000;

/**
 * `Idempotency-Key`: the same key with the same body answers with the story of the first request and starts nothing
 * (draft-ietf-httpapi-idempotency-key-header-07). Notes lie in the bucket, where every server finds them, for as long as `scratch/`
 * keeps: a week.
 * @param submit Submits, and returns the id of the story.
 * @throws RequestError `KEY_REUSED` for another body, `KEY_BUSY` while the first request is under way.
 */
export async function submitOnce(
  objects: Pick<ObjectStore, 'get' | 'putBytes'>,
  key: string,
  body: unknown,
  submit: () => Promise<string>,
): Promise<string> {
  const object = `${scratchPrefix}idempotency/${createHash('sha256').update(key).digest('hex')}.json`;
  const hash = hashOf(body);
  const write = (storyId: string | null, ifAbsent: boolean) =>
    objects.putBytes(object, new TextEncoder().encode(JSON.stringify({ body: hash, storyId, atMs: Date.now() })), {
      contentType: 'application/json',
      ifAbsent,
    });
  if ((await write(null, true)) === 'exists') {
    const note = await noteAt(objects, object);
    if (note !== null && note.body !== hash) {
      throw new RequestError(
        'KEY_REUSED',
        'this Idempotency-Key was used with another body; a key stands for one request',
        'take a new key for another request',
      );
    }
    if (note !== null && note.storyId !== null) return note.storyId;
    if (note !== null && Date.now() - note.atMs < underWayMs) {
      throw new RequestError(
        'KEY_BUSY',
        'the first request with this Idempotency-Key is under way',
        'ask again in a moment',
      );
    }
  }
  let storyId: string;
  try {
    storyId = await submit();
  } catch (error) {
    // A request that failed may be sent again at once: to submit twice finds the same story. What it failed of is the answer.
    await forget(objects, object, hash).catch(() => undefined);
    throw error;
  }
  // The story runs, whether its note can be written or not; without it the same request finds the story by its script.
  await write(storyId, false).catch(() => undefined);
  return storyId;
}

async function forget(objects: Pick<ObjectStore, 'putBytes'>, object: string, body: string): Promise<void> {
  const note: Note = { body, storyId: null, atMs: 0 };
  await objects.putBytes(object, new TextEncoder().encode(JSON.stringify(note)), { contentType: 'application/json' });
}

async function noteAt(objects: Pick<ObjectStore, 'get'>, object: string): Promise<Note | null> {
  const found = await objects.get(object);
  if (found === null) return null;
  const parsed = noteSchema.safeParse(await jsonWithin(found, noteBytes));
  return parsed.success ? parsed.data : null;
}
