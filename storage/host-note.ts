import { readFile } from 'node:fs/promises';
import type { ZodType } from 'zod';
import { writeWholeFile } from './whole-file.ts';

/** Where a note lies and what it holds. */
export interface HostNoteOptions<Content> {
  readonly file: string;
  readonly schema: ZodType<Content>;
  /** What a file holds that is lost or wrong. */
  readonly nothing: Content;
}

/**
 * What a worker leaves for the next workers of its host, as JSON in a file of the cache. Only a hint: a file that is lost or
 * wrong holds nothing, one that cannot be written is no failure, and of two workers that write at once the last one wins.
 */
export class HostNote<Content> {
  readonly #options: HostNoteOptions<Content>;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: HostNoteOptions<Content>) {
    this.#options = options;
  }

  /** What the file holds now. */
  async read(): Promise<Content> {
    try {
      return this.#options.schema.parse(JSON.parse(await readFile(this.#options.file, 'utf8')));
    } catch {
      return this.#options.nothing;
    }
  }

  /** Writes after the writes before it, of what the file then holds. Resolves when it is in the file, or cannot be written. */
  async write(next: (kept: Content) => Content): Promise<void> {
    this.#writing = this.#writing
      .then(async () => writeWholeFile(this.#options.file, JSON.stringify(next(await this.read()))))
      .catch(() => undefined);
    await this.#writing;
  }
}
