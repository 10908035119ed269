import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { ModelRole } from '../story/models/model-set.ts';
import type { StageTask } from '../story/plan/task.ts';
import { deviceName, engineConfigFromEnv } from './config.ts';
import type { EngineConfig } from './config.ts';
import { EngineCancelled } from './engine-job.ts';
import type { EngineJob, Pipeline, Pipelines, StepDone } from './engine-job.ts';
import { asPipelineError } from '../errors/failures.ts';
import { ModelCache, readPackage } from './models.ts';
import type { LocalPackage } from './models.ts';
import { peakMemoryBytes, resetPeakMemory } from './peak-memory.ts';
import type { EngineCommand, EngineEvent } from './protocol.ts';

/**
 * The engine: a forked child that holds the ONNX sessions of one device and runs pipelines for its worker.
 *
 * Invariants:
 * E1 At most one job runs; a second `run` while one is under way is answered with `failed`.
 * E2 Every `run` is answered by exactly one of `done`, `cancelled` and `failed`, and it is the job's last event.
 * E3 No denoising step starts after a cancel has arrived: a step blocks the event loop, so each ends by letting messages in.
 * E4 The engine lives no longer than its worker: a closed channel ends the process, in mid-job too, at the next turn of
 *    the event loop. Ctrl-C and SIGTERM to the process group are left to the worker, which drains first.
 */

type RunCommand = Extract<EngineCommand, { kind: 'run' }>;
type WarmCommand = Extract<EngineCommand, { kind: 'warm' }>;
type JobCommand = Exclude<EngineCommand, { kind: 'cancel' | 'ping' }>;
type Done = Extract<EngineEvent, { kind: 'done' }>;
type UsedGraph = Done['graphs'][number];

/** The channel to the worker. */
interface Port {
  send(event: EngineEvent): void;
}

/** One `run` command under way. */
class Job implements EngineJob {
  readonly inputFiles: readonly string[];
  readonly outputFile: string;
  readonly checkpointFile: string | null;
  readonly scratchDir: string;
  readonly checkpointEvery: number;
  readonly shrink: number;
  readonly jobId: string;
  resumedFromStep = 0;
  readonly #used = new Map<string, UsedGraph>();
  #cancelled = false;
  readonly #models: ModelCache;
  readonly #packages: ReadonlyMap<string, LocalPackage>;
  readonly #port: Port;

  constructor(command: RunCommand, packages: ReadonlyMap<string, LocalPackage>, models: ModelCache, port: Port) {
    this.inputFiles = command.inputFiles;
    this.outputFile = command.outputFile;
    this.checkpointFile = command.checkpointFile;
    this.scratchDir = command.scratchDir;
    this.checkpointEvery = command.checkpointEvery;
    this.shrink = command.shrink;
    this.jobId = command.jobId;
    this.#packages = packages;
    this.#models = models;
    this.#port = port;
  }

  /** The graphs that the pipeline has asked for. */
  get usedGraphs(): readonly UsedGraph[] {
    return [...this.#used.values()];
  }

  graphs(role: ModelRole, graph: string) {
    this.#used.set(`${role}/${graph}`, { role, graph });
    return this.#models.graph(this.#package(role), graph);
  }

  manifest(role: ModelRole) {
    return this.#package(role).manifest;
  }

  packageDir(role: ModelRole): string {
    return this.#package(role).dir;
  }

  progress(unit: 'step' | 'frame', done: number, of: number): void {
    this.#port.send({ kind: 'progress', jobId: this.jobId, unit, done, of });
  }

  resumed(step: number): void {
    this.resumedFromStep = step;
  }

  cancel(): void {
    this.#cancelled = true;
  }

  async throwIfCancelled(): Promise<void> {
    await letMessagesIn();
    if (this.#cancelled) throw new EngineCancelled();
  }

  async stepDone({ done, of, state }: StepDone): Promise<void> {
    this.progress('step', done, of);
    await letMessagesIn();
    const due = this.checkpointEvery > 0 && done % this.checkpointEvery === 0 && done < of;
    if (due || this.#cancelled) await this.#writeCheckpoint(done, state());
    if (this.#cancelled) throw new EngineCancelled();
  }

  async #writeCheckpoint(step: number, bytes: Uint8Array): Promise<void> {
    const file = join(this.scratchDir, `checkpoint-${String(step)}.safetensors`);
    await writeFile(file, bytes);
    this.#port.send({ kind: 'checkpoint', jobId: this.jobId, step, file });
  }

  #package(role: ModelRole): LocalPackage {
    const found = this.#packages.get(role);
    if (found === undefined) {
      const roles = [...this.#packages.keys()].join(', ');
      throw new PipelineError(
        'MODEL_INVALID',
        `the stage needs a package in the role ${role}, its task names ${roles || 'none'}; the model set lacks it`,
      );
    }
    return found;
  }
}

/**
 * Two turns: the first reads the channel and queues the message events, the second runs after their listeners.
 */
async function letMessagesIn(): Promise<void> {
  await turn();
  await turn();
}

/**
 * Serves the pipelines of one pool over the IPC channel of this process, until the channel closes. Called by the entry file
 * of an engine and nowhere else.
 */
export function serveEngine(pipelines: Pipelines, config: EngineConfig = engineConfigFromEnv()): void {
  const port = workerPort();
  const models = new ModelCache(config, (level, message, fields) => {
    port.send({ kind: 'log', level, message, fields });
  });
  let running: Job | null = null;
  // A cancel may overtake the reading of the manifests, when there is no job to tell yet.
  let runningId: string | null = null;
  let cancelledId: string | null = null;

  const run = async (command: RunCommand): Promise<Pick<Done, 'resumedFromStep' | 'graphs'>> => {
    const { jobId, task } = command;
    running = new Job(command, await readPackages(command.packageDirs), models, port);
    if (cancelledId === jobId) running.cancel();
    await running.throwIfCancelled();
    await pipelineFor(pipelines, task)(task, running);
    return { resumedFromStep: running.resumedFromStep, graphs: running.usedGraphs };
  };

  const facts = async (command: JobCommand): Promise<Pick<Done, 'resumedFromStep' | 'graphs'>> => {
    if (command.kind === 'run') return run(command);
    if (command.kind === 'warm') await warm(command, models, port);
    else await models.prove();
    return { resumedFromStep: 0, graphs: [] };
  };

  const answer = async (command: JobCommand): Promise<EngineEvent> => {
    const { jobId } = command;
    if (runningId !== null) {
      const busy = new PipelineError('INTERNAL', `the engine is busy with ${runningId}; one job at a time`);
      return failedEvent(jobId, busy);
    }
    runningId = jobId;
    const startedMs = performance.now();
    resetPeakMemory();
    try {
      const found = await facts(command);
      return { kind: 'done', jobId, busyMs: performance.now() - startedMs, peakBytes: peakMemoryBytes(), ...found };
    } catch (error) {
      if (error instanceof EngineCancelled) return { kind: 'cancelled', jobId };
      return failedEvent(jobId, asPipelineError(error, nameOf(command)));
    } finally {
      running = null;
      runningId = null;
    }
  };

  process.on('message', (command: EngineCommand) => {
    if (command.kind === 'ping') port.send({ kind: 'pong' });
    else if (command.kind !== 'cancel') {
      void answer(command).then((event) => {
        port.send(event);
      });
    } else if (command.jobId === runningId) {
      cancelledId = command.jobId;
      running?.cancel();
    }
  });
  process.on('disconnect', () => process.exit(0));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  port.send({
    kind: 'log',
    level: 'debug',
    message: 'engine is up',
    fields: { devices: config.devices.map(deviceName) },
  });
  port.send({ kind: 'ready' });
}

/** Opens graphs one after the other while there is room. A graph that cannot be opened fails the task that needs it, which says why. */
async function warm({ graphs }: WarmCommand, models: ModelCache, port: Port): Promise<void> {
  for (const { dir, graph } of graphs) {
    try {
      await models.openAhead(await readPackage(dir), graph);
    } catch (error) {
      const { code, message } = asPipelineError(error, `opening ${graph}`);
      port.send({
        kind: 'log',
        level: 'warn',
        message: 'a model could not be opened ahead',
        fields: { code, reason: message },
      });
    }
  }
}

/** What a job is, for the message of its failure. */
function nameOf(command: JobCommand): string {
  if (command.kind === 'run') return `${command.task.stage} ${command.task.key.slice(0, 12)}`;
  return command.kind === 'warm' ? 'opening models' : 'the check of the device';
}

/** The kinds of task and pipeline agree because both are looked up by the stage's name. */
function pipelineFor(pipelines: Pipelines, task: StageTask): Pipeline<StageTask> {
  const pipeline = pipelines[task.stage] as Pipeline<StageTask> | undefined;
  if (pipeline !== undefined) return pipeline;
  const stages = Object.keys(pipelines).join(', ');
  throw new PipelineError('INTERNAL', `this engine runs ${stages}, not ${task.stage}; the task is on the wrong queue`);
}

async function readPackages(dirs: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, LocalPackage>> {
  const entries = Object.entries(dirs).map(async ([role, dir]) => [role, await readPackage(dir)] as const);
  return new Map(await Promise.all(entries));
}

function failedEvent(jobId: string, error: PipelineError): EngineEvent {
  return { kind: 'failed', jobId, code: error.code, message: error.message, details: error.details };
}

function workerPort(): Port {
  if (process.send === undefined) {
    throw new PipelineError('INTERNAL', 'an engine is started by its worker, which gives it an IPC channel');
  }
  return {
    send(event) {
      // The channel closes with the worker; what is sent in that moment has no reader.
      if (process.connected) process.send?.(event, undefined, undefined, () => undefined);
    },
  };
}
