import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { isErrorCode, PipelineError } from '../../errors/pipeline-error.ts';
import { EngineCancelled } from '../engine-job.ts';
import { Paces } from './paces.ts';
import { engineDied, engineStalled, lastWords, readLines, startOf } from './engine-process.ts';
import type { Exit } from './engine-process.ts';
import type { EngineLog } from '../models.ts';
import type { EngineCommand, EngineEvent, LocalGraph } from '../protocol.ts';
import { Watchdog } from './watchdog.ts';
import type { Stall, StallLimits } from './watchdog.ts';

/**
 * The worker's side of an engine.
 *
 * Invariants:
 * C1 One job at a time: a `run` waits until the one before has settled.
 * C2 Once `run` has settled, no step of its job runs any more: the engine is idle or dead.
 * C3 A cancelled job ends within `cancelGraceMs`: the flag first, SIGKILL when the grace is over. The next `run` starts a
 *    fresh engine.
 * C4 An engine that dies without being asked fails its job with `RESOURCE_ENGINE` (`RESOURCE_MEMORY` when its last words
 *    say so), never the worker.
 * C5 Nothing here blocks: the worker's event loop stays free for heartbeats.
 * C6 A job whose engine is silent for longer than its own pace allows ends with `RESOURCE_ENGINE` and a dead engine: neither a
 *    hung kernel nor a stopped process ever answers.
 * C7 An engine that has been idle answers before it gets a job. One that does not is replaced, and the job fares no worse.
 */

/** What no job of a supported machine comes near: half an hour of models that are opened, two minutes of a step. */
const patientLimits: StallLimits = { unknownMs: 30 * 60_000, leastMs: 2 * 60_000, factor: 10 };

/** How long an idle engine may take to say that it is there, on a machine that others keep busy; an answer takes a millisecond. */
const answerMs = 20_000;

/** A job as the worker describes it. */
export type EngineRequest = Omit<Extract<EngineCommand, { kind: 'run' }>, 'kind' | 'jobId'>;

/** A job without its number. */
type EngineWork =
  | ({ readonly kind: 'run' } & EngineRequest)
  | { readonly kind: 'warm'; readonly graphs: readonly LocalGraph[] }
  | { readonly kind: 'prove' };

/** What work is, for the message of its failure. */
const nameOf = (work: EngineWork): string =>
  ({ run: work.kind === 'run' ? work.task.stage : '', warm: 'opening models', prove: 'the check of the device' })[
    work.kind
  ];

/** What jobs have in common that take their time alike. */
const kindOf = (work: EngineWork): string =>
  work.kind === 'run' ? [work.task.stage, ...Object.values(work.packageDirs).sort()].join(' ') : work.kind;

/** How long an engine may be silent in a job. */
function limitsOf(work: EngineWork, engine: Engine, limits: StallLimits): StallLimits {
  // The check of the device opens no model, so it need not be given the time for one.
  return work.kind === 'prove' ? { ...limits, unknownMs: limits.leastMs } : engine.paces.limitsOf(kindOf(work), limits);
}

/** Where the worker listens while a job runs. */
export interface EngineHooks {
  readonly signal?: AbortSignal;
  /** Hears how far the job is. */
  readonly onProgress?: (progress: {
    readonly unit: 'step' | 'frame';
    readonly done: number;
    readonly of: number;
  }) => void;
  /** Hears of a checkpoint file, which is then the listener's. */
  readonly onCheckpoint?: (checkpoint: { readonly step: number; readonly file: string }) => void;
}

/** What a finished job cost. */
export type EngineOutcome = Omit<Extract<EngineEvent, { kind: 'done' }>, 'kind' | 'jobId'>;

/** Settings of an {@link EngineClient}. */
export interface EngineClientOptions {
  /** Entry file of the engine, a module that calls `serveEngine`. */
  readonly entry: URL;
  /** Environment of the child. */
  readonly env: NodeJS.ProcessEnv;
  readonly log: EngineLog;
  /** How long a cancelled job may go on before its engine is killed; longer than one denoising step. */
  readonly cancelGraceMs: number;
  /** How long an engine may be silent in the middle of a job. */
  readonly stall?: StallLimits;
  /** How long an engine may take to come up. */
  readonly startTimeoutMs?: number;
}

/** One engine process from fork to exit. */
interface Engine {
  readonly process: ChildProcess;
  readonly ready: Promise<void>;
  /** Resolves, never rejects, once the process is gone and its output is read. */
  readonly gone: Promise<Exit>;
  exit: Exit | null;
  onEvent: ((event: EngineEvent) => void) | null;
  onGone: ((exit: Exit) => void) | null;
  /** What is known of the pace of its jobs. */
  readonly paces: Paces;
  /** Whether it has had a job: one that has just come up need not be asked. */
  isUsed: boolean;
}

/**
 * Runs jobs in a forked engine, which it starts when the first job comes and replaces when it dies.
 *
 * @example
 * ```ts
 * import { EngineClient } from './engine-client.ts';
 * import type { EngineRequest } from './engine-client.ts';
 *
 * async function compute(entry: URL, request: EngineRequest, signal: AbortSignal): Promise<void> {
 *   const engine = new EngineClient({ entry, env: process.env, cancelGraceMs: 30_000, log: () => undefined });
 *   try {
 *     await engine.run(request, { signal, onProgress: ({ unit, done, of }) => console.log(unit, done, of) });
 *   } finally {
 *     await engine.stop();
 *   }
 * }
 * ```
 */
export class EngineClient {
  readonly #options: EngineClientOptions;
  #engine: Engine | null = null;
  #watchdog: Watchdog | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: EngineClientOptions) {
    this.#options = options;
  }

  /** Process id of the running engine; `null` while there is none. */
  get pid(): number | null {
    return this.#engine?.process.pid ?? null;
  }

  /** Milliseconds since the engine last said how far its job is; 0 while it has none. */
  get silentMs(): number {
    return this.#watchdog?.silentMs ?? 0;
  }

  /**
   * Runs one job.
   *
   * @throws EngineCancelled after `signal` fired and the engine has let go of the job.
   * @throws PipelineError with the code that the pipeline failed with, or `RESOURCE_ENGINE` when the engine died.
   */
  run(request: EngineRequest, hooks: EngineHooks = {}): Promise<EngineOutcome> {
    return this.#inTurn({ kind: 'run', ...request }, hooks);
  }

  /**
   * Starts the engine and opens graphs before a job needs them, the first ones first, while there is room. What cannot be
   * opened is logged, and fails the job.
   *
   * @throws PipelineError `RESOURCE_ENGINE` when the engine does not come up.
   */
  async warm(graphs: readonly LocalGraph[]): Promise<void> {
    await this.#inTurn({ kind: 'warm', graphs }, {});
  }

  /**
   * Has a device compute something whose result is known, in the engine that runs or in a fresh one, after the job under way.
   *
   * @throws PipelineError `RESOURCE_ENGINE` when no device of the settings can, or one computes wrongly.
   */
  async prove(): Promise<void> {
    await this.#inTurn({ kind: 'prove' }, {});
  }

  /** Ends the engine at once; a job that runs fails with `RESOURCE_ENGINE`. */
  async stop(): Promise<void> {
    const engine = this.#engine;
    if (engine === null) return;
    engine.process.kill('SIGKILL');
    await engine.gone;
  }

  #inTurn(work: EngineWork, hooks: EngineHooks): Promise<EngineOutcome> {
    const before = this.#queue;
    const job = unlessAborted(before, hooks.signal).then(() => this.#runNow(work, hooks));
    this.#queue = Promise.allSettled([before, job]);
    return job;
  }

  async #runNow(work: EngineWork, hooks: EngineHooks): Promise<EngineOutcome> {
    throwIfAborted(hooks.signal);
    // A dead engine whose exit has not been heard of yet: its death is nobody's failure.
    if (this.#engine?.process.connected === false) await this.#engine.gone;
    if (this.#engine !== null) await this.#replaceUnlessAwake(this.#engine);
    const engine = (this.#engine ??= this.#start());
    await engine.ready;
    throwIfAborted(hooks.signal);
    engine.isUsed = true;
    const jobId = randomUUID();
    const cancel = this.#cancellation(engine, jobId, hooks.signal);
    let stall: Stall | null = null;
    const watchdog = new Watchdog(limitsOf(work, engine, this.#options.stall ?? patientLimits), (found) => {
      stall = found;
      this.#options.log('warn', 'the engine makes no progress and is killed', {
        enginePid: engine.process.pid,
        ...found,
      });
      engine.process.kill('SIGKILL');
    });
    this.#watchdog = watchdog;
    try {
      const outcome = await Promise.race([
        this.#answerOf(engine, jobId, hooks, watchdog),
        this.#deathOf(engine, work, (exit, during) => {
          if (cancel.killed()) return new EngineCancelled();
          return stall === null ? engineDied(exit, during) : engineStalled(stall, during);
        }),
        new Promise<never>((_resolve, reject) => {
          send(engine, { jobId, ...work }, reject);
        }),
      ]);
      if (work.kind === 'warm') engine.paces.opened(watchdog.silentMs);
      else engine.paces.learn(kindOf(work), watchdog.longestUnpacedMs);
      return outcome;
    } finally {
      engine.onEvent = null;
      engine.onGone = null;
      watchdog.stop();
      this.#watchdog = null;
      cancel.dispose();
    }
  }

  /** C7. */
  async #replaceUnlessAwake(engine: Engine): Promise<void> {
    if (!engine.isUsed || engine.exit !== null) return;
    let timer: NodeJS.Timeout | undefined;
    const limitMs = Math.min(answerMs, (this.#options.stall ?? patientLimits).leastMs);
    const answer = new Promise<'awake'>((resolve) => {
      engine.onEvent = (event) => {
        if (event.kind === 'pong') resolve('awake');
      };
      // A channel that is closed belongs to a process that is going: `gone` comes.
      send(engine, { kind: 'ping' }, () => undefined);
    });
    const silence = new Promise<'silent'>((resolve) => {
      timer = setTimeout(() => {
        // What waits in the channel of a worker that slept itself is read first.
        setImmediate(resolve, 'silent');
      }, limitMs);
    });
    const found = await Promise.race([answer, silence, engine.gone.then(() => 'gone' as const)]);
    clearTimeout(timer);
    engine.onEvent = null;
    if (found === 'awake') return;
    if (found === 'silent') {
      this.#options.log('warn', 'the idle engine does not answer, is killed and replaced', {
        enginePid: engine.process.pid,
        limitMs,
      });
      engine.process.kill('SIGKILL');
      await engine.gone;
    }
  }

  /** Never resolves. A slot, as for events: whatever hung on `gone` would stay in memory as long as the engine lives. */
  #deathOf(engine: Engine, work: EngineWork, reason: (exit: Exit, during: string) => Error): Promise<never> {
    return new Promise((_resolve, reject) => {
      engine.onGone = (exit) => {
        reject(reason(exit, nameOf(work)));
      };
      if (engine.exit !== null) engine.onGone(engine.exit);
    });
  }

  #answerOf(engine: Engine, jobId: string, hooks: EngineHooks, watchdog: Watchdog): Promise<EngineOutcome> {
    return new Promise((resolve, reject) => {
      engine.onEvent = (event) => {
        if (!('jobId' in event) || event.jobId !== jobId) return;
        switch (event.kind) {
          case 'progress':
            watchdog.heard(event);
            hooks.onProgress?.({ unit: event.unit, done: event.done, of: event.of });
            break;
          case 'checkpoint':
            hooks.onCheckpoint?.({ step: event.step, file: event.file });
            break;
          case 'done': {
            const { busyMs, resumedFromStep, peakBytes, graphs } = event;
            resolve({ busyMs, resumedFromStep, peakBytes, graphs });
            break;
          }
          case 'cancelled':
            reject(new EngineCancelled());
            break;
          case 'failed':
            reject(
              new PipelineError(isErrorCode(event.code) ? event.code : 'INTERNAL', event.message, {
                details: { ...event.details },
              }),
            );
        }
      };
    });
  }

  /** Sends the flag when the signal fires and kills the engine when the grace is over. */
  #cancellation(engine: Engine, jobId: string, signal: AbortSignal | undefined) {
    let timer: NodeJS.Timeout | undefined;
    let killed = false;
    const onAbort = (): void => {
      send(engine, { kind: 'cancel', jobId }, () => undefined);
      timer = setTimeout(() => {
        killed = true;
        this.#options.log('warn', 'the engine did not stop within its grace and was killed', {
          enginePid: engine.process.pid,
          cancelGraceMs: this.#options.cancelGraceMs,
        });
        engine.process.kill('SIGKILL');
      }, this.#options.cancelGraceMs);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    return {
      killed: () => killed,
      dispose: () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      },
    };
  }

  #start(): Engine {
    const { entry, env, log, startTimeoutMs = 60_000 } = this.#options;
    const { file, execArgv } = startOf(entry);
    const child = fork(file, [], {
      // The AV1 encoder has a log of its own on stderr, of which errors stay.
      env: { SVT_LOG: '1', ...env },
      execArgv,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const stderr: string[] = [];
    readLines(child.stdout, (line) => {
      log('info', line, { enginePid: child.pid });
    });
    readLines(child.stderr, (line) => {
      stderr.push(line);
      if (stderr.length > lastWords) stderr.shift();
      log('warn', line, { enginePid: child.pid });
    });

    const gone = new Promise<Exit>((resolve) => {
      child.once('close', (code, signal) => {
        resolve({ code, signal, stderr });
      });
      // A process that never started closes without `close`.
      child.on('error', (error) => {
        if (child.pid === undefined) resolve({ code: null, signal: null, stderr: [error.message] });
      });
    });
    const started = new Promise<void>((resolve) => {
      child.on('message', (event: EngineEvent) => {
        if (event.kind === 'ready') resolve();
        else if (event.kind === 'log') log(event.level, event.message, { ...event.fields, enginePid: child.pid });
        else engine.onEvent?.(event);
      });
    });
    const engine: Engine = {
      process: child,
      gone,
      ready: this.#inTime(child, started, gone, startTimeoutMs),
      exit: null,
      onEvent: null,
      onGone: null,
      paces: new Paces(),
      isUsed: false,
    };
    // Whoever awaits `ready` hears of a failed start; an engine that was stopped before has nobody to tell.
    engine.ready.catch(() => undefined);
    void gone.then((exit) => {
      if (this.#engine === engine) this.#engine = null;
      engine.exit = exit;
      engine.onGone?.(exit);
      log('debug', 'the engine is gone', { enginePid: child.pid, code: exit.code, signal: exit.signal });
    });
    return engine;
  }

  async #inTime(child: ChildProcess, started: Promise<void>, gone: Promise<Exit>, timeoutMs: number): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    const diedEarly = gone.then((exit) => {
      const why = late ? `it was not ready after ${String(timeoutMs)} ms` : 'it ended before it was ready';
      throw engineDied(exit, `start (${why})`);
    });
    try {
      await Promise.race([started, diedEarly]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Waits for one's turn, in which nobody who was cancelled is interested any more. */
async function unlessAborted(turn: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> {
  throwIfAborted(signal);
  const left = new AbortController();
  const aborted = new Promise<never>((_resolve, reject) => {
    const onAbort = (): void => {
      reject(new EngineCancelled());
    };
    signal?.addEventListener('abort', onAbort, { once: true, signal: left.signal });
  });
  try {
    await Promise.race([turn, aborted]);
  } finally {
    left.abort();
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new EngineCancelled();
}

function send(engine: Engine, command: EngineCommand, onError: (error: Error) => void): void {
  // A channel that closes in this moment belongs to a process that dies: `gone` tells the reason, the write error does not.
  engine.process.send(command, (error) => {
    if (error !== null && engine.process.connected) onError(error);
  });
}
