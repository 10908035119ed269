import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from '../../story/plan/stages.ts';
import { metricsAddressesOf, workerConfigFromEnv } from '../../workers/config.ts';
import { restartPause } from '../../workers/devices/restart-pause.ts';
import { startHealthServer } from '../../workers/health/health-server.ts';
import { mergedMetrics } from '../../workers/health/prometheus-text.ts';
import type { WorkerNews } from '../../workers/health/serve-health.ts';
import type { Cli } from '../shell/cli.ts';
import { exitCodeOf } from '../shell/exit-codes.ts';
import type { Outcome } from '../shell/exit-codes.ts';

/**
 * One worker process for each device under this one. A worker that ends by itself is started again after a pause, while the
 * others go on: one broken GPU is no reason to idle the rest of a host. Metrics and health of all are at one address. The
 * first signal drains all of them, the second ends them at once.
 */
export async function runDeviceWorkers(cli: Cli, pool: Pool, devices: readonly string[]): Promise<Outcome> {
  const config = workerConfigFromEnv(cli.env);
  const addresses = metricsAddressesOf(config, pool);
  const workers = devices.map((device, index) => new DeviceWorker(cli, pool, { device, name: String(index) }));
  const server =
    addresses.length === 0
      ? null
      : await startHealthServer(addresses, {
          ready: async () => {
            const answers = await Promise.all(workers.map((worker) => worker.readiness()));
            // The host is worth keeping while one device works.
            return { isReady: answers.some(({ state }) => state === 'serving'), body: { workers: answers } };
          },
          metrics: async () =>
            mergedMetrics(new Map((await Promise.all(workers.map((each) => each.metrics()))).flat())),
        });
  if (server !== null)
    cli.terminal.note(`metrics and health of ${String(devices.length)} workers at ${server.address}`);
  const first = cli.interruption();
  first.addEventListener('abort', () => {
    const second = cli.interruption();
    for (const worker of workers) worker.stop();
    second.addEventListener('abort', () => {
      for (const worker of workers) worker.stop();
    });
  });
  try {
    const ends = await Promise.all(workers.map((worker) => worker.run(first)));
    // What no start cures is the same for all of them.
    return ends.find((end) => end !== 'ok') ?? 'ok';
  } finally {
    server?.close();
  }
}

/** A function, for the compiler does not expect a signal to fire between two looks at it. */
const wasStopped = (signal: AbortSignal): boolean => signal.aborted;

/** What an endpoint may take to answer before its worker counts as one that does not. */
const answerMs = 4_000;

/** The worker of one device, through all its starts. */
class DeviceWorker {
  readonly #cli: Cli;
  readonly #pool: Pool;
  readonly #device: string;
  readonly #name: string;
  #child: ChildProcess | null = null;
  #healthAddress: string | null = null;
  #rest = '';

  constructor(cli: Cli, pool: Pool, { device, name }: { readonly device: string; readonly name: string }) {
    this.#cli = cli;
    this.#pool = pool;
    this.#device = device;
    this.#name = name;
  }

  /** Runs until the signal; `usage` when the worker's settings are wrong, which no start cures. */
  async run(stopping: AbortSignal): Promise<Outcome> {
    let inRow = 0;
    while (!wasStopped(stopping)) {
      const startedMs = performance.now();
      const end = await this.#once();
      if (wasStopped(stopping)) break;
      if (end === exitCodeOf('usage')) return 'usage';
      const next = restartPause({ ranMs: performance.now() - startedMs, inRow });
      inRow = next.inRow;
      this.#rest = `it ended with ${String(end)} and starts again in ${String(Math.round(next.pauseMs / 1000))} s`;
      this.#cli.terminal.note(`worker ${this.#name} (${this.#pool} on ${this.#device}): ${this.#rest}`);
      await delay(next.pauseMs, undefined, { signal: stopping }).catch(() => undefined);
    }
    return 'ok';
  }

  /** Tells the running process to drain; a second time ends it at once. */
  stop(): void {
    this.#child?.kill('SIGTERM');
  }

  async readiness(): Promise<{ readonly worker: string; readonly device: string; readonly state: string }> {
    const who = { worker: this.#name, device: this.#device };
    if (this.#child === null) return { ...who, state: 'ended', ...(this.#rest === '' ? {} : { reason: this.#rest }) };
    const answer = await this.#ask('/readyz');
    return { ...who, state: 'starting', ...(answer === null ? {} : (JSON.parse(answer) as object)) };
  }

  /** Its metrics by its name; none while it does not answer. */
  async metrics(): Promise<readonly (readonly [string, string])[]> {
    const text = await this.#ask('/metrics');
    return text === null ? [] : [[this.#name, text]];
  }

  async #ask(path: string): Promise<string | null> {
    if (this.#healthAddress === null) return null;
    try {
      const answer = await fetch(`http://${this.#healthAddress}${path}`, { signal: AbortSignal.timeout(answerMs) });
      return await answer.text();
    } catch {
      return null;
    }
  }

  #once(): Promise<number | string> {
    const { env, root } = this.#cli;
    const asksHealth = (env['SHOTLINE_METRICS_ADDRESS'] ?? '') !== '';
    const child = spawn(process.execPath, [join(root, 'cli', 'shotline.mjs'), 'worker', this.#pool], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: {
        ...env,
        SHOTLINE_DEVICE: this.#device,
        ...(asksHealth ? { SHOTLINE_METRICS_ADDRESS: '127.0.0.1:0' } : {}),
      },
      // In a process group of its own it hears Ctrl-C from us alone: a second signal would end it without a drain.
      detached: true,
    });
    this.#child = child;
    child.on('message', (news) => {
      this.#healthAddress = (news as WorkerNews).healthAddress;
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        this.#child = null;
        this.#healthAddress = null;
        resolve(signal ?? code ?? 0);
      });
    });
  }
}
