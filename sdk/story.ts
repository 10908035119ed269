import { setTimeout as delay } from 'node:timers/promises';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ChangeAnswer, StoryAnswer } from '../serve/answers.ts';
import type { Calls } from './calls.ts';
import { ShotlineError } from './shotline-error.ts';
import { eventsOf, storyAfter } from './story-stream.ts';

/** What a watch may be told. */
export interface WatchOptions {
  /** Ends it. */
  readonly signal?: AbortSignal;
}

const retryMs = 1000;
/** Breaks of a stream in a row that are forgiven. */
const maxBreaks = 20;

/** One story on the server. */
export class Story {
  readonly id: string;
  readonly #calls: Calls;

  /** @param calls How the interface is asked. */
  constructor(calls: Calls, id: string) {
    this.#calls = calls;
    this.id = id;
  }

  /** How it is. @throws ShotlineError. */
  status(): Promise<StoryAnswer> {
    return this.#calls.json('GET', this.#at());
  }

  /**
   * How it is, again and again as it changes, until it is over. A connection that breaks is made anew and goes on where it was.
   *
   * @example
   * for await (const { state, progress } of story.watch()) console.log(state, progress.done, progress.of);
   * @throws ShotlineError; an AbortError when the signal fires.
   */
  async *watch({ signal }: WatchOptions = {}): AsyncGenerator<StoryAnswer> {
    let story: StoryAnswer | null = null;
    let last: string | null = null;
    let breaks = 0;
    for (;;) {
      try {
        const headers = last === null ? {} : { 'last-event-id': last };
        const { body } = await this.#calls.ask({ method: 'GET', path: this.#at('/events'), headers, signal });
        for await (const event of eventsOf(body)) {
          breaks = 0;
          last = event.id ?? last;
          if (event.event === 'end') return;
          story = storyAfter(story, event);
          if (story !== null) yield story;
        }
      } catch (error) {
        if (signal?.aborted === true || error instanceof ShotlineError) throw error;
        breaks += 1;
        if (breaks > maxBreaks) throw error;
      }
      await delay(retryMs, undefined, signal === undefined ? {} : { signal });
    }
  }

  /** Waits for its end. @throws ShotlineError `STORY_FAILED` with why and the next step when it has no film. */
  async finished(options: WatchOptions = {}): Promise<StoryAnswer> {
    let story: StoryAnswer | null = null;
    for await (story of this.watch(options));
    story ??= await this.status();
    if (story.film !== null) return story;
    const { failure, state } = story;
    throw new ShotlineError({
      type: 'about:blank',
      title: 'A story without a film',
      status: 200,
      code: failure?.code ?? 'STORY_FAILED',
      detail: `the story '${this.id}' is ${state}${failure === null ? '' : `: ${failure.message}`}`,
      path: failure?.item ?? null,
      line: null,
      next: failure?.next ?? null,
      problems: [],
    });
  }

  /** Gives a shot other words. Of a story that is over, another one begins: the answer's `story_id`. @throws ShotlineError. */
  edit(shot: string, prompt: string): Promise<ChangeAnswer> {
    return this.#calls.json('PATCH', this.#at(`/shots/${encodeURIComponent(shot)}`), { prompt });
  }

  /** Another seed for a shot, by chance unless said. @throws ShotlineError. */
  reroll(shot: string, seed?: number): Promise<ChangeAnswer> {
    const body = seed === undefined ? {} : { seed };
    return this.#calls.json('POST', this.#at(`/shots/${encodeURIComponent(shot)}/reroll`), body);
  }

  /** Stops its work at a checkpoint. @throws ShotlineError. */
  pause(): Promise<StoryAnswer> {
    return this.#calls.json('POST', this.#at('/pause'));
  }

  /** Goes on after {@link pause}. @throws ShotlineError. */
  resume(): Promise<StoryAnswer> {
    return this.#calls.json('POST', this.#at('/resume'));
  }

  /** Ends it; what is made stays. Safe to repeat. @throws ShotlineError. */
  cancel(): Promise<StoryAnswer> {
    return this.#calls.json('POST', this.#at('/cancel'));
  }

  /** A signed address of the film (or what lies beside it) that works for an hour. @throws ShotlineError `TOO_EARLY`. */
  async url(what: 'film' | 'poster' | 'storyboard' | 'manifest' = 'film'): Promise<string> {
    const rest = what === 'film' ? '/film' : `/film/${what}`;
    const { headers } = await this.#calls.ask({ method: 'GET', path: this.#at(rest) });
    return headers.get('location') ?? '';
  }

  /** Saves the film as a file, whole or not at all. @throws ShotlineError `TOO_EARLY`; Error of the file system or the storage. */
  async download(file: string): Promise<void> {
    const response = await fetch(await this.url());
    if (!response.ok || response.body === null)
      throw new Error(`the storage answered ${String(response.status)} for the film of '${this.id}'; ask again`);
    const part = `${file}.part`;
    try {
      await pipeline(Readable.fromWeb(response.body as never), createWriteStream(part));
      await rename(part, file);
    } finally {
      await rm(part, { force: true });
    }
  }

  #at(rest = ''): string {
    return `/v1/stories/${encodeURIComponent(this.id)}${rest}`;
  }
}
