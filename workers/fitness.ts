import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { asPipelineError } from '../errors/failures.ts';
import type { WorkerHealth } from '../activities/stage/worker-health.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { ArtifactName } from '../story/plan/task.ts';
import type { Gate } from './gated-slots.ts';

/** A part of a worker that a check can show to be sound. */
export type Part = 'storage' | 'device';

/** What a worker's fitness rests on. */
export interface FitnessParts {
  /** Name of the worker, which no other has. */
  readonly worker: string;
  /** Shows that a part is sound, or throws what is wrong; a pool without an engine has no device. */
  readonly checks: Readonly<Record<Part, (() => Promise<void>) | null>>;
  /** Whether somebody has made the artifact of a task. */
  readonly isMade: (task: ArtifactName) => Promise<boolean>;
  readonly log: Logger;
  /** Times in milliseconds, for tests; those below when absent. */
  readonly times?: Partial<FitnessTimes>;
}

/** How long a worker waits for itself. Milliseconds. */
export interface FitnessTimes {
  /** Pause before the first repetition of a check, and after the second failure in a row; doubled each time. */
  readonly firstMs: number;
  /** No pause is longer. */
  readonly longestMs: number;
  /**
   * How long a part may be unsound: storage refuses for seconds when keys are rotated; a device does not come back by waiting;
   * storage that is not there may be starting, or waits for the first story to make the bucket.
   */
  readonly patienceMs: Readonly<Record<Part | 'absent storage', number>>;
}

const usual: FitnessTimes = {
  firstMs: 1_000,
  longestMs: 60_000,
  patienceMs: { storage: 30_000, device: 10_000, 'absent storage': 300_000 },
};

/** Failures in a row from which on the worker is suspected. */
const suspicious = 3;

/**
 * Whether a worker is fit for work. Invariants:
 * H1 It takes no task before each part has been shown to be sound.
 * H2 After a failure that may be its own it checks the part that the task used. While that is unsound it takes no task, and
 *    when its patience is over it is unfit for good: the worker drains and ends.
 * H3 After failures in a row although its parts are sound it pauses before the next task, twice as long each time, so that
 *    others come first. It is unfit for good when one of those tasks has been made by another: then the failures follow
 *    the worker and not the tasks.
 */
export class Fitness implements WorkerHealth, Gate {
  readonly worker: string;
  readonly #parts: FitnessParts;
  readonly #times: FitnessTimes;
  readonly #unfit = new AbortController();
  /** Tasks that failed since an artifact was made, `null` for one that makes none. */
  #failedTasks: (ArtifactName | null)[] = [];
  #numClosed = 0;
  #listeners = new Set<() => void>();
  #recovering: Part | null = null;
  #hear: (isFit: boolean) => void = () => undefined;
  #trouble: string | null = null;
  #peers: () => Promise<readonly string[] | null> = () => Promise.resolve(null);

  constructor(parts: FitnessParts) {
    this.worker = parts.worker;
    this.#parts = parts;
    this.#times = { ...usual, ...parts.times };
  }

  /** Fires when the worker is unfit for good; the reason is a {@link PipelineError} `WORKER_UNFIT`. */
  get unfit(): AbortSignal {
    return this.#unfit.signal;
  }

  get isOpen(): boolean {
    return this.#numClosed === 0;
  }

  /** What the last check of a part found wrong, while it is; `null` when nothing is known to be. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Tells when the worker becomes unfit, and when fit again. */
  onChange(hear: (isFit: boolean) => void): void {
    this.#hear = hear;
  }

  /** Says how to find the workers of the pool, once there is a connection to ask by. */
  meet(peers: () => Promise<readonly string[] | null>): void {
    this.#peers = peers;
  }

  /**
   * Shows that each part is sound, again and again while its patience lasts (H1). Returns early when the signal fires.
   *
   * @throws PipelineError `WORKER_UNFIT` that says which part, what is wrong and what to do.
   */
  async prove(signal: AbortSignal): Promise<void> {
    for (const part of ['storage', 'device'] as const) {
      const fault = await this.#untilSound(part, signal);
      if (fault !== null) throw unfitFor(this.worker, `its ${part} is not sound: ${fault}`);
    }
  }

  async whenOpen(signal: AbortSignal): Promise<void> {
    while (!this.isOpen && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#listeners.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#listeners.add(wake);
        signal.addEventListener('abort', wake);
      });
    }
  }

  peers(): Promise<readonly string[] | null> {
    return this.#peers();
  }

  async faultOf({ code }: PipelineError): Promise<string | null> {
    const part = code === 'STORAGE_DENIED' ? 'storage' : 'device';
    const fault = await this.#faultIn(part);
    if (fault === null) return null;
    if (this.#recovering === null) void this.#recover(part);
    return fault.message;
  }

  failed(task: ArtifactName | null): void {
    this.#failedTasks = [...this.#failedTasks, task];
    void this.#pauseAfter(this.#failedTasks.length);
  }

  worked(): void {
    this.#failedTasks = [];
  }

  left(milliseconds: number): void {
    // Whoever's last task went wrong lets the others come first when it is due again.
    if (this.#failedTasks.length > 0) void this.#pause(milliseconds + this.#times.firstMs);
  }

  async #faultIn(part: Part): Promise<Error | null> {
    try {
      await this.#parts.checks[part]?.();
      return null;
    } catch (error) {
      return asPipelineError(error, `the check of the ${part}`);
    }
  }

  /** Checks a part until it is sound or patience is over. Gives what is wrong then, else `null`; `null` too when the signal fires. */
  async #untilSound(part: Part, signal: AbortSignal): Promise<string | null> {
    const { firstMs, longestMs, patienceMs } = this.#times;
    const startedMs = performance.now();
    for (let pauseMs = firstMs; !signal.aborted; pauseMs = Math.min(longestMs, pauseMs * 2)) {
      const fault = await this.#faultIn(part);
      this.#trouble = fault?.message ?? null;
      if (fault === null) return null;
      const leftMs = startedMs + patienceMs[isAbsence(fault) ? 'absent storage' : part] - performance.now();
      if (leftMs <= 0) return fault.message;
      this.#parts.log.warn({ part, reason: fault.message }, 'the worker takes no task: a check of its own fails');
      await delay(Math.min(pauseMs, leftMs), undefined, { signal }).catch(() => undefined);
    }
    return null;
  }

  /** H2. */
  async #recover(part: Part): Promise<void> {
    this.#recovering = part;
    this.#hear(false);
    await this.#closedFor(async () => {
      const fault = await this.#untilSound(part, this.#unfit.signal);
      if (fault !== null) this.#end(`its ${part} is not sound: ${fault}`);
    });
    this.#recovering = null;
    if (this.#unfit.signal.aborted) return;
    this.#hear(true);
    this.#parts.log.info({ part }, 'the check goes well again; the worker takes tasks');
  }

  /** H3. */
  async #pauseAfter(row: number): Promise<void> {
    if (row < 2) return;
    const { firstMs, longestMs } = this.#times;
    const pauseMs = Math.min(longestMs, firstMs * 2 ** (row - 2));
    this.#parts.log.warn({ row, pauseMs }, 'failures in a row; the worker pauses before the next task');
    await this.#pause(pauseMs);
  }

  /** Takes no task for a while, and finds out then whether the failures follow the worker. */
  async #pause(milliseconds: number): Promise<void> {
    await this.#closedFor(async () => {
      await delay(milliseconds, undefined, { signal: this.#unfit.signal }).catch(() => undefined);
      const failed = this.#failedTasks;
      if (failed.length < suspicious || this.#unfit.signal.aborted) return;
      const elsewhere = await this.#madeElsewhere(failed);
      if (elsewhere === null) return;
      const { stage, key } = elsewhere;
      this.#end(
        `its last ${String(failed.length)} tasks failed, and ${stage} ${key.slice(0, 12)}, one of them, was made by another worker`,
      );
    });
  }

  async #madeElsewhere(failed: readonly (ArtifactName | null)[]): Promise<ArtifactName | null> {
    for (const task of failed) {
      // A store that does not answer proves nothing.
      if (task !== null && (await this.#parts.isMade(task).catch(() => false))) return task;
    }
    return null;
  }

  #end(reason: string): void {
    const error = unfitFor(this.worker, reason);
    this.#parts.log.error({ code: error.code, reason }, 'the worker is unfit: it drains and ends');
    this.#hear(false);
    // For good: the gate does not open again.
    this.#numClosed += 1;
    this.#unfit.abort(error);
  }

  /** Keeps the gate closed while some work goes on. */
  async #closedFor(work: () => Promise<void>): Promise<void> {
    this.#numClosed += 1;
    try {
      await work();
    } finally {
      this.#numClosed -= 1;
      for (const wake of this.#listeners) wake();
    }
  }
}

/** Storage that does not answer, or has no such bucket. */
function isAbsence(fault: Error): boolean {
  if (!(fault instanceof PipelineError)) return false;
  return fault.code === 'STORAGE_UNAVAILABLE' || String(fault.details['reason']).startsWith('NoSuchBucket');
}

function unfitFor(worker: string, reason: string): PipelineError {
  return new PipelineError(
    'WORKER_UNFIT',
    `worker ${worker} is not fit for work: ${reason}. Repair that and start it again; other workers take its tasks`,
    { details: { worker } },
  );
}
