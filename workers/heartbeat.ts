import type { Context } from '@temporalio/activity';
import type { StageProgress } from '../activities/contracts.ts';

/** Cancels arrive in the answers to heartbeats, so a long step must not keep the worker silent. */
const beatEveryMs = 1_000;

/**
 * The heartbeat of one attempt: each progress at once, and the last one again every second in between. It also carries the
 * memory level from attempt to attempt, for the next one may run on another host.
 */
export class Heartbeat {
  /** Memory level of this attempt: 0 normal, each level halves the frames per model call. */
  readonly shrink: number;
  readonly #activity: Context;
  readonly #timer: NodeJS.Timeout;
  #last: StageProgress;

  constructor(activity: Context) {
    const before = activity.info.heartbeatDetails as StageProgress | undefined;
    this.#activity = activity;
    this.shrink = before?.shrink ?? 0;
    this.#last = this.#carrying({ unit: 'step', done: 0, of: 0 }, this.shrink);
    this.#beat();
    this.#timer = setInterval(() => {
      this.#beat();
    }, beatEveryMs);
  }

  /** Reports progress. */
  report(progress: StageProgress): void {
    this.#last = this.#carrying(progress, this.shrink);
    this.#beat();
  }

  /** Tells the next attempt to use half the frames per model call. The last heartbeat outlives the attempt that fails. */
  askForLess(): void {
    this.#last = this.#carrying(this.#last, this.shrink + 1);
    this.#beat();
  }

  /** Ends the beat; safe to call twice. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #carrying({ unit, done, of }: StageProgress, shrink: number): StageProgress {
    return shrink === 0 ? { unit, done, of } : { unit, done, of, shrink };
  }

  #beat(): void {
    this.#activity.heartbeat(this.#last);
  }
}
