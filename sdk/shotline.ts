import type { z } from 'zod';
import type { CheckAnswer, StoryAnswer, StoryListAnswer, fileAnswer, planAnswer } from '../serve/answers.ts';
import { Calls } from './calls.ts';
import { Story } from './story.ts';
import { bytesOf } from './transport.ts';
import type { Transport } from './transport.ts';

/** A script: its text (YAML or JSON), or the object itself. */
export type ScriptInput = string | Readonly<Record<string, unknown>>;

/** What a submission may be told. */
export interface SubmitOptions {
  /** A request with the same key is answered with the story of the first one. */
  readonly idempotencyKey?: string;
}

/** Everything a program does with Shotline. */
export class Shotline {
  readonly #calls: Calls;

  /** @param transport How the interface is reached; `createClient` and `connect` make one. */
  constructor(transport: Transport) {
    this.#calls = new Calls(transport);
  }

  /**
   * Starts the film of a script, or finds it: the same script is the same story.
   * @throws ShotlineError `SCRIPT_INVALID` with the line of every problem.
   */
  async submit(script: ScriptInput, { idempotencyKey: key }: SubmitOptions = {}): Promise<Story> {
    const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
    const { id } = await this.#calls.json<StoryAnswer>('POST', '/v1/stories', { script }, headers);
    return new Story(this.#calls, id);
  }

  /** A story by its id; whether there is one shows when it is asked. */
  story(id: string): Story {
    return new Story(this.#calls, id);
  }

  /** Every story, the latest first, page by page. @throws ShotlineError. */
  async *stories(): AsyncGenerator<StoryListAnswer['data'][number]> {
    let after = '';
    for (;;) {
      const page = await this.#calls.json<StoryListAnswer>('GET', `/v1/stories?limit=50${after}`);
      yield* page.data;
      if (!page.has_more || page.last_id === null) return;
      after = `&after=${encodeURIComponent(page.last_id)}`;
    }
  }

  /** Every problem and warning of a script, with its line. Starts nothing. @throws ShotlineError. */
  validate(script: ScriptInput): Promise<CheckAnswer> {
    return this.#calls.json('POST', '/v1/scripts/validate', { script });
  }

  /** What a render would do and about how long it takes. Starts nothing. @throws ShotlineError. */
  plan(script: ScriptInput): Promise<z.infer<typeof planAnswer>> {
    return this.#calls.json('POST', '/v1/scripts/plan', { script });
  }

  /**
   * Sends a picture or sound; a script names it by the `id` of the answer.
   * @param type Content type; needed for sounds.
   * @throws ShotlineError `TYPE_UNKNOWN`, `TOO_LARGE`.
   */
  async upload(bytes: Uint8Array, type = 'application/octet-stream'): Promise<z.infer<typeof fileAnswer>> {
    const answer = await this.#calls.ask({
      method: 'POST',
      path: '/v1/files',
      headers: { 'content-type': type },
      body: bytes,
    });
    return JSON.parse(Buffer.from(await bytesOf(answer.body)).toString('utf8')) as z.infer<typeof fileAnswer>;
  }

  /** Closes connections of its own; those of `createClient` are closed by themselves. */
  close(): Promise<void> {
    return this.#calls.close();
  }
}
