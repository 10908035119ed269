import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureStack, stackStatus } from '../../infra/local/stack.ts';
import type { StackState } from '../../infra/local/stack.ts';
import { storageConfigFromEnv } from '../../storage/config.ts';
import { connectObjectStore } from '../../storage/object-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { type Pool, pools } from '../../story/plan/stages.ts';
import { FaultProxy } from '../../test/harness/fault-proxy.ts';
import { PrivateStack, eventually, finished } from '../../test/harness/private-stack.ts';
import type { CommandRun } from '../../test/harness/private-stack.ts';
import { engineOf } from '../../test/e2e/fault-bench.ts';

/** Three shots and a join of each kind, of few pixels. */
const story = `title: Chaos
output: { width: 128, height: 72 }
defaults: { steps: 12 }
shots:
  - { id: dawn, prompt: a red boat sails to the right on the sea at sunset }
  - { id: noon, join: seine, prompt: a blue ball bounces on the grass by day }
  - { id: dusk, join: dissolve, prompt: a green boat sails to the left on the sea by day }
`;

/** A worker process that is started anew when it ends, as a supervisor does. */
interface Kept {
  process: ChildProcess;
  log: string;
}

const limitMs = 600_000;
const lookMs = 200;

/**
 * Real servers and one worker per pool under supervision, with a proxy between the workers and S3. Commands reach S3 without it. The
 * story has been rendered once without disturbance; each row begins with an empty bucket.
 */
export class ChaosFarm {
  readonly proxy: FaultProxy;
  readonly stack: PrivateStack;
  /** What a worker of another kind needs in its environment. Holds keys. */
  readonly workerEnv: Readonly<Record<string, string>>;
  readonly story: string;
  #clientEnv: Readonly<Record<string, string>>;
  #objects: ObjectStore;
  readonly #kept = new Map<Pool, Kept>();
  /** Engines that were seen. */
  readonly #engines = new Set<number>();
  #calm: Readonly<Record<string, string>> = {};
  #isClosing = false;

  private constructor(parts: {
    stack: PrivateStack;
    proxy: FaultProxy;
    env: Readonly<Record<string, string>>;
    story: string;
  }) {
    this.stack = parts.stack;
    this.proxy = parts.proxy;
    this.#clientEnv = parts.env;
    this.workerEnv = { ...parts.env, SHOTLINE_S3_ENDPOINT: parts.proxy.endpoint };
    this.story = parts.story;
    this.#objects = this.#connect();
  }

  static async open(): Promise<ChaosFarm> {
    const stack = await PrivateStack.create({
      SHOTLINE_CHECKPOINT_EVERY: '1',
      SHOTLINE_STALL_SECONDS: '10',
      // Workers believe what they sealed themselves, as those of a local stack do.
      SHOTLINE_ARTIFACT_KEY: 'c'.repeat(64),
    });
    const state = await ensureStack({ env: stack.env });
    const proxy = await FaultProxy.start(state.s3.endpoint);
    const file = await stack.writeStory('chaos.yaml', story);
    const farm = new ChaosFarm({ stack, proxy, env: state.env, story: file });
    try {
      for (const pool of pools) farm.#keep(pool);
      const run = await farm.render();
      assert.equal(run.code, 0, run.stderr);
      farm.#calm = await farm.hashes();
      return farm;
    } catch (error) {
      await farm.close();
      throw error;
    }
  }

  #connect(): ObjectStore {
    return connectObjectStore(storageConfigFromEnv({ ...this.stack.env, ...this.#clientEnv }));
  }

  get objects(): ObjectStore {
    return this.#objects;
  }

  /** Process of a pool's worker. */
  worker(pool: Pool): ChildProcess {
    return this.#kept.get(pool)!.process;
  }

  /** What the workers of a pool have written. */
  log(pool: Pool): string {
    return this.#kept.get(pool)!.log;
  }

  /** Process id of a pool's engine; `null` while there is none. */
  engine(pool: Pool): number | null {
    const found = engineOf(this.worker(pool).pid!);
    if (found !== null) this.#engines.add(found);
    return found;
  }

  #keep(pool: Pool): void {
    const kept = this.#kept.get(pool) ?? ({ log: '' } as Kept);
    kept.process = this.startWorker(pool, {});
    const hear = (part: Buffer): void => void (kept.log = (kept.log + part.toString()).slice(-200_000));
    kept.process.stdout!.on('data', hear);
    kept.process.stderr!.on('data', hear);
    this.#kept.set(pool, kept);
    kept.process.once('exit', () => {
      if (!this.#isClosing) this.#keep(pool);
    });
  }

  /** Starts a worker beside those that are kept. */
  startWorker(pool: Pool, settings: Readonly<Record<string, string>>): ChildProcess {
    return this.stack.with({ ...this.workerEnv, ...settings }).start('worker', pool);
  }

  /** Starts `shotline render` on the story, or on another. */
  startRender(...args: readonly string[]): ChildProcess {
    return this.stack.with(this.#clientEnv).start('render', ...(args.length === 0 ? [this.story, '--json'] : args));
  }

  render(...args: readonly string[]): Promise<CommandRun> {
    return finished(this.startRender(...args));
  }

  /** Renders the story, and ends it by force when that takes too long. @throws Error then. */
  async renderWithin(seconds: number): Promise<CommandRun> {
    const command = this.startRender();
    const over = new AbortController();
    const ended = finished(command).finally(() => {
      over.abort();
    });
    await Promise.race([ended, delay(seconds * 1000, undefined, { signal: over.signal }).catch(() => undefined)]);
    if (command.exitCode !== null) return ended;
    command.kill('SIGKILL');
    const { stderr } = await ended;
    await this.shotline('cancel', '--force', this.story);
    throw new Error(`no film after ${String(seconds)} s: ${stderr.slice(-300)}`);
  }

  /** Runs any other command. */
  shotline(...args: readonly string[]): Promise<CommandRun> {
    return this.stack.with(this.#clientEnv).shotline(...args);
  }

  /** Process of a server. */
  async server(which: 'temporal' | 's3'): Promise<number | null> {
    return (await stackStatus({ env: this.stack.env }))[which].pid;
  }

  /** Starts the servers that were killed. */
  async repair(): Promise<StackState> {
    const state = await ensureStack({ env: this.stack.env });
    assert.equal(state.temporalAddress, this.#clientEnv['SHOTLINE_TEMPORAL_ADDRESS'], 'Temporal came back elsewhere');
    // A server whose port was taken meanwhile is at another one.
    this.#clientEnv = state.env;
    this.proxy.target = state.s3.endpoint;
    this.#objects.close();
    this.#objects = this.#connect();
    return state;
  }

  /** Empties the bucket but for the models. */
  async forget(...prefixes: readonly string[]): Promise<void> {
    for (const prefix of prefixes.length > 0 ? prefixes : ['artifacts/', 'films/', 'scratch/'])
      for (const { key } of await this.#objects.list(prefix)) await this.#objects.delete(key);
  }

  /** sha256 of every artifact, by object key. */
  async hashes(): Promise<Readonly<Record<string, string>>> {
    const hashes: Record<string, string> = {};
    for (const { key } of await this.#objects.list('artifacts/'))
      hashes[key] = (await this.#objects.head(key))?.sha256 ?? 'none';
    return hashes;
  }

  /** sha256 of every artifact of the undisturbed run, by object key. */
  get calm(): Readonly<Record<string, string>> {
    return this.#calm;
  }

  /** Fails unless a render went well and made what the undisturbed one made, to the byte. */
  async expectSameFilm(run: CommandRun): Promise<void> {
    assert.equal(run.code, 0, `render ended with ${String(run.code)}: ${(run.stderr + run.stdout).slice(-600)}`);
    const made = await this.hashes();
    for (const [key, sha256] of Object.entries(this.#calm)) assert.equal(made[key], sha256, `another ${key}`);
  }

  /** Fails when a killed worker has left an engine, or a folder in scratch, behind. */
  async expectNothingLeft(): Promise<void> {
    const workers = pools.map((pool) => this.worker(pool).pid!);
    const living = new Set(workers.map(engineOf));
    await eventually(
      'the end of the engines of killed workers',
      () => Promise.resolve([...this.#engines].every((pid) => living.has(pid) || !isThere(pid))),
      60_000,
    );
    const folders = await readdir(join(this.stack.dir, 'scratch'));
    const left = folders.filter((name) => !workers.some((pid) => name.includes(`-${String(pid)}-`)));
    assert.deepEqual(left, [], 'folders of killed workers are left in scratch');
  }

  /** Waits until a story is in the middle of a denoising loop. */
  async midLoop(): Promise<void> {
    await eventually(
      'a checkpoint',
      async () => (await this.#objects.list('scratch/checkpoints/')).length > 0,
      limitMs,
    );
  }

  /** What is there of the story: it changes with each step and each artifact. */
  async mark(): Promise<string> {
    const lists = ['artifacts/', 'scratch/checkpoints/'].map(async (prefix) => this.#objects.list(prefix));
    return (await Promise.all(lists)).flatMap((found) => found.map(({ key }) => key)).join();
  }

  /** Does something to the farm, and tells the seconds until more is made than before; less when `until` ends first. */
  async progressAfter(fault: () => unknown, until: Promise<unknown>): Promise<number> {
    const before = await this.mark();
    const over = new AbortController();
    const end = (): void => {
      over.abort();
    };
    until.then(end, end);
    const startedMs = performance.now();
    await fault();
    const faultMs = performance.now();
    // While S3 does not answer, nothing is made.
    while (!over.signal.aborted && (await this.mark().catch(() => before)) === before) {
      if (performance.now() - faultMs > limitMs)
        throw new Error(`nothing more was made in ${String(limitMs / 1000)} s`);
      await delay(lookMs);
    }
    return (performance.now() - startedMs) / 1000;
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await Promise.all(
      [...this.#kept.values()].map(async ({ process: worker }) => {
        if (worker.exitCode !== null || worker.signalCode !== null) return;
        worker.kill('SIGTERM');
        await once(worker, 'exit');
      }),
    );
    this.#objects.close();
    this.proxy.close();
    await this.stack.destroy();
  }
}

/** Whether a process runs: of one that has ended only its parent may know, and then it has no command any more. */
function isThere(pid: number): boolean {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8') !== '';
  } catch {
    return false;
  }
}
