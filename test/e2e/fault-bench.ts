import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { artifactKeyFile } from '../../infra/local/artifact-key.ts';
import { poolStatus } from '../../infra/local/pools.ts';
import { findStack } from '../../infra/local/stack.ts';
import { storageConfigFromEnv } from '../../storage/config.ts';
import { connectObjectStore } from '../../storage/object-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { PrivateStack, eventually } from '../harness/private-stack.ts';
import type { CommandRun } from '../harness/private-stack.ts';
import type { FilmJson } from '../../cli/story/film-report.ts';

/** Time limit of one fault: each takes seconds, on a machine that is busy with other things many times that. */
export const patienceMs = 600_000;

/** One shot with enough denoising steps that a command started at the first checkpoint arrives before the last step; its pixels are few. */
const story = `title: Faults
output: { width: 128, height: 72 }
defaults: { steps: 48 }
shots:
  - { id: only, prompt: a red boat sails to the right on the sea at sunset }
`;

/** A private stack with a story on it that has been rendered once without disturbance. */
export class FaultBench {
  readonly stack: PrivateStack;
  #objects: ObjectStore;
  /** What workers and clients of other settings need to find the servers. Holds keys. */
  readonly serverEnv: Readonly<Record<string, string>>;
  readonly #story: string;
  readonly #undisturbed: Readonly<Record<string, string>>;

  private constructor(
    parts: Pick<FaultBench, 'stack' | 'objects' | 'serverEnv'> & {
      story: string;
      undisturbed: Readonly<Record<string, string>>;
    },
  ) {
    this.stack = parts.stack;
    this.#objects = parts.objects;
    this.serverEnv = parts.serverEnv;
    this.#story = parts.story;
    this.#undisturbed = parts.undisturbed;
  }

  /** Starts the stack and renders the story. Call `close` at the end. */
  static async open(): Promise<FaultBench> {
    // Each step leaves a checkpoint, so that what is hit in mid-loop has something to resume from.
    const stack = await PrivateStack.create({ SHOTLINE_CHECKPOINT_EVERY: '1' });
    try {
      const file = await stack.writeStory('faults.yaml', story);
      await stack.render(file);
      const bucket = await openBucket(stack);
      const undisturbed = await artifactHashes(bucket.objects);
      return new FaultBench({ ...bucket, stack, story: file, undisturbed });
    } catch (error) {
      await stack.destroy();
      throw error;
    }
  }

  /** The bucket of the stack. */
  get objects(): ObjectStore {
    return this.#objects;
  }

  async close(): Promise<void> {
    this.#objects.close();
    await this.stack.destroy();
  }

  /** sha256 of every artifact of the story. What a disturbed run makes must be equal: the same files, to the byte. */
  get undisturbed(): Readonly<Record<string, string>> {
    return this.#undisturbed;
  }

  /** sha256 of every artifact that there is. */
  hashes(): Promise<Readonly<Record<string, string>>> {
    return artifactHashes(this.#objects);
  }

  /** Object keys under a prefix. */
  async keys(prefix: string): Promise<string[]> {
    return (await this.#objects.list(prefix)).map(({ key }) => key);
  }

  /** Forgets what lies under the prefixes, and every film and checkpoint, so that the next render makes them again. */
  async forget(...prefixes: readonly string[]): Promise<void> {
    for (const prefix of [...prefixes, 'artifacts/film/', 'films/', 'scratch/']) {
      for (const key of await this.keys(prefix)) await this.#objects.delete(key);
    }
  }

  /** Starts to render the story and waits until it is in mid-loop. `ended` is the render's end. */
  async renderToMidLoop(stack: PrivateStack = this.stack): Promise<{ readonly ended: Promise<CommandRun> }> {
    const ended = this.render(stack);
    const early = ended.then((run) => {
      throw new Error(`the render ended before its middle\n${JSON.stringify(run)}`);
    });
    // Once the middle has been seen, its end is no error.
    early.catch(() => undefined);
    await Promise.race([early, this.midLoop()]);
    return { ended };
  }

  /** Submits the story without waiting for it and returns its workflow id. */
  async submit(): Promise<string> {
    const run = await this.stack.shotline('render', this.#story, '--json', '--detach');
    if (run.code !== 0) throw new Error(`submitting ended with ${run.code}\n${run.stderr}`);
    return (JSON.parse(run.stdout) as { workflowId: string }).workflowId;
  }

  /** Runs `shotline render` on the story to its end. */
  render(stack: PrivateStack = this.stack): Promise<CommandRun> {
    return stack.shotline('render', this.#story, '--json');
  }

  /** Waits for a checkpoint in S3: the denoising loop is in its middle. */
  async midLoop(): Promise<void> {
    await eventually('a checkpoint', async () => (await this.keys('scratch/checkpoints/')).length > 0, patienceMs);
  }

  /** Starts what has been killed. */
  async repair(): Promise<void> {
    const run = await this.stack.shotline('stack', 'up');
    if (run.code !== 0) throw new Error(`stack up ended with ${run.code}\n${run.stderr}`);
    // A server that comes back may have moved to another port.
    this.#objects.close();
    this.#objects = (await openBucket(this.stack)).objects;
  }

  /** Process of a pool's worker. */
  async worker(pool: string): Promise<number> {
    const found = (await poolStatus({ env: this.stack.env })).find((status) => status.pool === pool)?.pid;
    if (found === null || found === undefined) throw new Error(`no ${pool} worker runs`);
    return found;
  }

  /** Process of a pool's engine; `null` while there is none. */
  async engine(pool: string): Promise<number | null> {
    return engineOf(await this.worker(pool));
  }

  /** Kills every engine of a pool as soon as it is there, until `until` has settled, and returns how many there were. */
  async killEngines(pool: string, until: Promise<unknown>): Promise<number> {
    const worker = await this.worker(pool);
    const killed = new Set<number>();
    const over = new AbortController();
    const settled = until
      .finally(() => {
        over.abort();
      })
      .catch(() => undefined);
    while (!over.signal.aborted) {
      const engine = engineOf(worker);
      if (engine !== null && !killed.has(engine)) {
        killed.add(engine);
        process.kill(engine, 'SIGKILL');
      }
      await Promise.race([settled, delay(50)]);
    }
    return killed.size;
  }
}

async function openBucket(stack: PrivateStack): Promise<Pick<FaultBench, 'objects' | 'serverEnv'>> {
  const { env } = (await findStack({ env: stack.env }))!;
  const objects = connectObjectStore(storageConfigFromEnv({ ...stack.env, ...env }));
  // A worker with another key than the others undoes their work.
  const serverEnv = { ...env, SHOTLINE_ARTIFACT_KEY_FILE: artifactKeyFile(join(stack.dir, 'stack')) };
  return { objects, serverEnv };
}

/** The film of a render that must have gone well. */
export function filmOf(run: CommandRun): FilmJson {
  if (run.code !== 0) throw new Error(`render ended with ${run.code}\n${run.stdout}\n${run.stderr}`);
  return JSON.parse(run.stdout) as FilmJson;
}

async function artifactHashes(objects: ObjectStore): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const { key } of await objects.list('artifacts/')) hashes[key] = (await objects.head(key))?.sha256 ?? 'none';
  return hashes;
}

const lookUp = (pid: number | string, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
};

/** Fields of a process after its name: state first, the parent second. */
const statOf = (pid: number | string): string[] => {
  const stat = lookUp(pid, 'stat');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
};

/** Process of the engine of a worker; `null` while it has none. */
export function engineOf(worker: number): number | null {
  const found = readdirSync('/proc').find(
    (pid) => /^\d+$/.test(pid) && Number(statOf(pid)[1]) === worker && /engine\.[jt]s\b/.test(lookUp(pid, 'cmdline')),
  );
  return found === undefined ? null : Number(found);
}

/** Clock ticks that a process has computed, its own and the system's for it. */
export function ticksOf(pid: number): number {
  const fields = statOf(pid);
  return Number(fields[11]) + Number(fields[12]);
}
