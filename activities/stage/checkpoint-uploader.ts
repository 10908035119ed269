import { rm } from 'node:fs/promises';

/** A checkpoint that the engine wrote to scratch. */
export interface Checkpoint {
  readonly step: number;
  readonly file: string;
}

/** Where the uploader puts checkpoints and what it does about trouble. */
export interface UploaderOptions {
  /** Uploads one checkpoint. */
  readonly save: (checkpoint: Checkpoint, signal: AbortSignal) => Promise<void>;
  /** A checkpoint that could not be saved costs time and nothing else, so the task goes on. */
  readonly onError: (error: unknown, checkpoint: Checkpoint) => void;
}

/**
 * Saves checkpoints in the background.
 *
 * Invariants:
 * U1 One upload at a time; while it runs, only the newest waiting checkpoint is kept: older ones are of no use.
 * U2 A file is removed once it is saved or overtaken, so scratch holds at most two.
 * U3 After `finish` or `discard` has settled, no upload runs and no file is read.
 */
export class CheckpointUploader {
  readonly #options: UploaderOptions;
  readonly #abort = new AbortController();
  #waiting: Checkpoint | null = null;
  #running: Promise<void> | null = null;

  constructor(options: UploaderOptions) {
    this.#options = options;
  }

  /** Takes over a checkpoint file. */
  offer(checkpoint: Checkpoint): void {
    const overtaken = this.#waiting;
    this.#waiting = checkpoint;
    this.#running ??= this.#drain();
    if (overtaken !== null) void rm(overtaken.file, { force: true });
  }

  /** Waits until the last checkpoint is saved, for at most `limitMs`. */
  async finish(limitMs: number): Promise<void> {
    const timer = setTimeout(() => {
      this.#abort.abort();
    }, limitMs);
    await this.#running;
    clearTimeout(timer);
  }

  /** Gives up what has not been saved. */
  async discard(): Promise<void> {
    this.#waiting = null;
    this.#abort.abort();
    await this.#running;
  }

  async #drain(): Promise<void> {
    for (let next = this.#take(); next !== null; next = this.#take()) {
      try {
        await this.#options.save(next, this.#abort.signal);
      } catch (error) {
        if (!this.#abort.signal.aborted) this.#options.onError(error, next);
      }
      await rm(next.file, { force: true });
    }
    this.#running = null;
  }

  #take(): Checkpoint | null {
    const next = this.#abort.signal.aborted ? null : this.#waiting;
    this.#waiting = null;
    return next;
  }
}
