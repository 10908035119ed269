import type { Context } from '@temporalio/activity';
import type { StageProgress } from '../../story/plan/task-run.ts';
import type { TaskPast } from './setbacks.ts';
import type { PipelineError } from '../../errors/pipeline-error.ts';

/** Cancels arrive in the answers to heartbeats, so a long step must not keep the worker silent. */
const beatEveryMs = 1_000;

/**
 * The heartbeat of one attempt: each progress at once, and the last one again every second in between. It also carries
 * memory level and setbacks from attempt to attempt, for the next one may run on another host. The last heartbeat outlives
 * the attempt that fails.
 */
export class Heartbeat {
  /** Memory level of this attempt: 0 normal, each level halves the frames per model call, or the sides of a tile. */
  readonly shrink: number;
  #past: TaskPast;
  readonly #activity: Context;
  readonly #timer: NodeJS.Timeout;
  #last: StageProgress;

  /** @param leastShrink The memory level to begin at, whatever the attempt before had. */
  constructor(activity: Context, leastShrink = 0) {
    const before = activity.info.heartbeatDetails as StageProgress | undefined;
    this.#activity = activity;
    this.shrink = Math.max(before?.shrink ?? 0, leastShrink);
    this.#past = {
      setbacks: before?.setbacks ?? 0,
      failedOn: before?.failedOn ?? {},
      leftTo: before?.leftTo ?? 0,
    };
    this.#last = carrying({ unit: 'step', done: 0, of: 0 }, this.shrink, this.#past);
    this.#beat();
    this.#timer = setInterval(() => {
      this.#beat();
    }, beatEveryMs);
  }

  /** Reports progress. */
  report(progress: StageProgress): void {
    this.#last = carrying(progress, this.shrink, this.#past);
    this.#beat();
  }

  /** What is known of the task. */
  get past(): TaskPast {
    return this.#past;
  }

  /** Tells the next attempt what is known of the task. */
  carry(past: TaskPast): void {
    this.#past = past;
    this.#last = carrying(this.#last, this.shrink, past);
    this.#beat();
  }

  /** Tells the next attempt how this one failed, too: for want of memory it uses half the frames per model call. */
  fail(cause: PipelineError, past: TaskPast): void {
    const shrink = cause.disposition === 'smaller' ? this.shrink + 1 : this.shrink;
    this.#last = carrying(this.#last, shrink, past);
    this.#beat();
  }

  /** Ends the beat; safe to call twice. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    this.#activity.heartbeat(this.#last);
  }
}

function carrying({ unit, done, of }: StageProgress, shrink: number, past: TaskPast): StageProgress {
  const { setbacks, failedOn, leftTo } = past;
  return {
    unit,
    done,
    of,
    ...(shrink === 0 ? {} : { shrink }),
    ...(setbacks === 0 ? {} : { setbacks }),
    ...(Object.keys(failedOn).length === 0 ? {} : { failedOn }),
    ...(leftTo === 0 ? {} : { leftTo }),
  };
}
