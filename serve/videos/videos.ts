import { randomInt } from 'node:crypto';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { readScriptText } from '../../client/script-text.ts';
import { storyHandle } from '../../client/story-client.ts';
import { listStories } from '../../client/story-list.ts';
import { forgetRuns, runsOfStory } from '../../client/story-runs.ts';
import { pinObject } from '../../storage/garbage/pin-object.ts';
import { storyFolder } from '../../storage/story-folder.ts';
import { scriptLimits } from '../../story/script/script-limits.ts';
import { submitOnce } from '../idempotency.ts';
import { pageOf } from '../list-page.ts';
import { RequestError } from '../problem.ts';
import { keptScript } from '../script-copy.ts';
import { submitSent } from '../sent-script.ts';
import type { ServerParts } from '../server-parts.ts';
import { jsonWithin } from '../small-text.ts';
import { unlessDenied } from '../unless-denied.ts';
import { takeUpload } from '../uploads.ts';
import { videoOf } from './video-answer.ts';
import type { VideoAnswer, videoListAnswer } from './video-answer.ts';
import { extendedScript, scriptOf } from './video-request.ts';
import type { VideoRequest } from './video-request.ts';

/** What of a story is kept for its video. */
const noteSchema = z.object({ from: z.string() });
/** More than it has. */
const noteBytes = 4096;
const noteKey = (id: string): string => `${storyFolder(id)}video.json`;
/** Stories of a page that are asked about at once. */
const askedAtOnce = 8;
/** A list is no place to look how far something is to the second. */
const freshMs = 2000;

/**
 * Stories as videos: one prompt, one film. Everything is done with stories; nothing of a video is kept but which other it was made of.
 */
export class Videos {
  readonly #parts: ServerParts;

  /** @param parts What the server works with. */
  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  /**
   * Starts a video. With a `key` (`Idempotency-Key`) a request that is sent twice starts one.
   * @throws PipelineError `SCRIPT_*`, `MODEL_*`, `STORAGE_*`; RequestError `KEY_REUSED`, `KEY_BUSY`, `TYPE_UNKNOWN`, `REQUEST_INVALID`.
   */
  async create(request: VideoRequest, key?: string): Promise<VideoAnswer> {
    const submit = async (): Promise<string> => {
      const picture = await this.#pictureOf(request.input_reference);
      return this.#submit(scriptOf(request, request.seed ?? randomInt(scriptLimits.maxSeed), picture), null);
    };
    const id = key === undefined ? await submit() : await submitOnce(this.#parts.objects, key, request, submit);
    return this.retrieve(id, 0);
  }

  /** @throws AbsentError when there is none. */
  async retrieve(id: string, maxAgeMs = 300): Promise<VideoAnswer> {
    const watch = this.#parts.watches.of(id);
    const [story, from] = await Promise.all([watch.latest(maxAgeMs), this.#fromOf(id)]);
    return videoOf(story, watch.moment?.script.shots[0]?.prompt ?? null, from);
  }

  /** A page of the videos, the latest first, or the oldest. @throws RequestError `NOT_FOUND` for an unknown `after`. */
  async list(asked: {
    readonly limit: number;
    readonly after?: string | undefined;
    readonly order: 'asc' | 'desc';
  }): Promise<z.infer<typeof videoListAnswer>> {
    const { client } = this.#parts;
    const page = await pageOf(async (limit) => {
      if (asked.order === 'desc') return listStories(client, limit);
      return (await listStories(client, Number.MAX_SAFE_INTEGER)).reverse();
    }, asked);
    const data: VideoAnswer[] = [];
    for (let at = 0; at < page.data.length; at += askedAtOnce) {
      const part = page.data.slice(at, at + askedAtOnce);
      data.push(...(await Promise.all(part.map(({ id }) => this.retrieve(id, freshMs)))));
    }
    return { object: 'list', data, first_id: page.first_id, last_id: page.last_id, has_more: page.has_more };
  }

  /** A video with other words for the same picture: its seed and its frame stay. @throws as {@link create}; AbsentError. */
  async remix(id: string, prompt: string): Promise<VideoAnswer> {
    const script = await this.#scriptOf(id);
    const [shot, ...others] = script.shots;
    if (shot === undefined || others.length > 0 || shot.prompt === undefined)
      throw new RequestError(
        'REQUEST_INVALID',
        `the video '${id}' is a story of ${String(script.shots.length)} shots; a remix has words for one prompt`,
        'PATCH /v1/stories/{id}/shots/{shot} gives one of its shots other words',
      );
    return this.#follow(id, JSON.stringify({ ...script, shots: [{ ...shot, prompt }] }, null, 2));
  }

  /** A longer video: it goes on from the last frame with other words. @throws as {@link remix}. */
  async extend(
    id: string,
    added: { readonly prompt: string; readonly seconds?: number | undefined },
  ): Promise<VideoAnswer> {
    return this.#follow(id, extendedScript(await this.#scriptOf(id), added));
  }

  /**
   * Deletes the film, its story and what belongs to it alone. Frames stay in the cache until `shotline gc` finds that nobody names them.
   * @throws RequestError `TOO_EARLY` while it is made, `STORY_OVER` when it is pinned; AbsentError.
   */
  async delete(id: string): Promise<void> {
    const { client, objects, temporal, watches } = this.#parts;
    const story = storyHandle(client, id);
    const { status } = await story.describe();
    if (status.name === 'RUNNING')
      throw new RequestError(
        'TOO_EARLY',
        `the video '${id}' is being made; one that is over can be deleted`,
        `POST /v1/stories/${encodeURIComponent(id)}/cancel ends it`,
      );
    if ((await unlessDenied(objects.head(pinObject(id)))) !== null)
      throw new RequestError(
        'STORY_OVER',
        `the video '${id}' is pinned, so nothing of it is deleted`,
        `\`shotline gc unpin ${id}\` lets go of it`,
      );
    const film = status.name === 'COMPLETED' ? await story.film() : null;
    const folders = [
      storyFolder(id),
      ...(film === null ? [] : [film.filmKey.slice(0, film.filmKey.lastIndexOf('/') + 1)]),
    ];
    for (const folder of folders) {
      for (const { key, etag } of (await unlessDenied(objects.list(folder))) ?? []) await objects.delete(key, etag);
    }
    await forgetRuns(client, temporal.namespace, id, await runsOfStory(client, id));
    watches.forget(id);
  }

  async #follow(from: string, script: string): Promise<VideoAnswer> {
    return this.retrieve(await this.#submit(script, from), 0);
  }

  async #submit(script: string, from: string | null): Promise<string> {
    const { objects } = this.#parts;
    const id = await submitSent(this.#parts, { script });
    if (from !== null && from !== id) {
      const note = new TextEncoder().encode(JSON.stringify({ from } satisfies z.infer<typeof noteSchema>));
      await unlessDenied(objects.putBytes(noteKey(id), note, { contentType: 'application/json' }));
    }
    return id;
  }

  async #fromOf(id: string): Promise<string | null> {
    const found = await unlessDenied(this.#parts.objects.get(noteKey(id)));
    if (found === null) return null;
    const note = noteSchema.safeParse(await jsonWithin(found, noteBytes));
    return note.success ? note.data.from : null;
  }

  /** The script as it was sent. */
  async #scriptOf(id: string): Promise<SentStory> {
    await storyHandle(this.#parts.client, id).describe();
    const kept = await keptScript(this.#parts.objects, id);
    if (kept === null)
      throw new RequestError(
        'REQUEST_INVALID',
        `the video '${id}' was not made by this interface, which keeps no script of it`,
        'PATCH /v1/stories/{id}/shots/{shot} changes any story',
      );
    return readScriptText(new TextEncoder().encode(kept), 'story.yaml').written as SentStory;
  }

  /** How a script names the picture that a video begins with; it is in the bucket then. */
  async #pictureOf(given: VideoRequest['input_reference']): Promise<string | null> {
    if (given === undefined) return null;
    const name = typeof given === 'string' ? given : (given.file_id ?? given.image_url ?? '');
    const [, type, data] = /^data:([\w/.+-]+);base64,(.+)$/s.exec(name) ?? [];
    if (type === undefined || data === undefined) return name;
    return (await takeUpload(this.#parts.objects, Readable.from([Buffer.from(data, 'base64')]), type)).id;
  }
}

/** A script that was checked when it was sent. */
type SentStory = Readonly<Record<string, unknown>> & {
  readonly shots: readonly (Readonly<Record<string, unknown>> & { readonly id: string; readonly prompt?: string })[];
};
