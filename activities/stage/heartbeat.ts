import type { Context } from '@temporalio/activity';
import type { StageProgress } from '../../story/plan/task-run.ts';
import { countSetback } from './setbacks.ts';
import type { PipelineError } from '../../errors/pipeline-error.ts';

/** Cancels arrive in the answers to heartbeats, so a long step must not keep the worker silent. */
const beatEveryMs = 1_000;

/**
 * The heartbeat of one attempt: each progress at once, and the last one again every second in between. It also carries
 * memory level and setbacks from attempt to attempt, for the next one may run on another host.
 */
export class Heartbeat {
  /** Memory level of this attempt: 0 normal, each level halves the frames per model call, or the sides of a tile. */
  readonly shrink: number;
  readonly #setbacks: number;
  readonly #activity: Context;
  readonly #timer: NodeJS.Timeout;
  #last: StageProgress;

  /** @param leastShrink The memory level to begin at, whatever the attempt before had. */
  constructor(activity: Context, leastShrink = 0) {
    const before = activity.info.heartbeatDetails as StageProgress | undefined;
    this.#activity = activity;
    this.shrink = Math.max(before?.shrink ?? 0, leastShrink);
    this.#setbacks = before?.setbacks ?? 0;
    this.#last = carrying({ unit: 'step', done: 0, of: 0 }, this.shrink, this.#setbacks);
    this.#beat();
    this.#timer = setInterval(() => {
      this.#beat();
    }, beatEveryMs);
  }

  /** Reports progress. */
  report(progress: StageProgress): void {
    this.#last = carrying(progress, this.shrink, this.#setbacks);
    this.#beat();
  }

  /**
   * Tells the next attempt how this one failed: for want of memory it uses half the frames per model call. The last
   * heartbeat outlives the attempt that fails. Returns the failure to end with, which is final after too many setbacks.
   */
  fail(cause: PipelineError): PipelineError {
    const { setbacks, failure } = countSetback(cause, this.#setbacks);
    const shrink = cause.disposition === 'smaller' ? this.shrink + 1 : this.shrink;
    this.#last = carrying(this.#last, shrink, setbacks);
    this.#beat();
    return failure;
  }

  /** Ends the beat; safe to call twice. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    this.#activity.heartbeat(this.#last);
  }
}

function carrying({ unit, done, of }: StageProgress, shrink: number, setbacks: number): StageProgress {
  return { unit, done, of, ...(shrink === 0 ? {} : { shrink }), ...(setbacks === 0 ? {} : { setbacks }) };
}
