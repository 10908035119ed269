import assert from 'node:assert/strict';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { ensureStack } from '../../infra/local/stack.ts';
import { storageConfigFromEnv } from '../../storage/config.ts';
import { connectObjectStore } from '../../storage/object-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { copyRelease, oneTimerMore, otherSegments } from '../harness/other-release.ts';
import { PrivateStack, eventually, finished } from '../harness/private-stack.ts';
import type { CommandRun } from '../harness/private-stack.ts';

/** A release with its command and, while they run, its workers. */
export interface RunningRelease {
  readonly command: PrivateStack;
  /** What its workers wrote. */
  log(): string;
  /** The name that stories are pinned to. */
  readonly buildId: string;
  /** Drains its workers. */
  stop(): Promise<CommandRun>;
}

/**
 * Servers with the workers of two releases: this one, and one with another workflow history and another version of the stage of
 * segments. Each release has a cache of its own, as on hosts of its own.
 */
export class ReleaseBench {
  readonly client: Client;
  readonly objects: ObjectStore;
  readonly #servers: PrivateStack;
  readonly #env: Readonly<Record<string, string>>;
  readonly #running = new Set<RunningRelease>();

  private constructor(parts: {
    client: Client;
    objects: ObjectStore;
    servers: PrivateStack;
    env: Record<string, string>;
  }) {
    this.client = parts.client;
    this.objects = parts.objects;
    this.#servers = parts.servers;
    this.#env = parts.env;
  }

  static async open(): Promise<ReleaseBench> {
    const servers = await PrivateStack.create();
    const state = await ensureStack({ env: servers.env });
    const { keys, endpoint } = state.s3;
    const env = {
      SHOTLINE_TEMPORAL_ADDRESS: state.temporalAddress,
      SHOTLINE_S3_ENDPOINT: endpoint,
      SHOTLINE_S3_ACCESS_KEY_ID: keys!.accessKeyId,
      SHOTLINE_S3_SECRET_ACCESS_KEY: keys!.secretAccessKey,
      SHOTLINE_CHECKPOINT_EVERY: '1',
    };
    const client = new Client({ connection: await Connection.connect({ address: state.temporalAddress }) });
    const objects = connectObjectStore(storageConfigFromEnv({ ...servers.env, ...env }));
    return new ReleaseBench({ client, objects, servers, env });
  }

  /** Starts all pools of this release, or of the other one. */
  async start(which: 'this' | 'other'): Promise<RunningRelease> {
    const cache = join(this.#servers.dir, which);
    await mkdir(cache, { recursive: true });
    await symlink(join(this.#servers.dir, 'bin'), join(cache, 'bin')).catch(() => undefined);
    const stack = this.#servers.with({ ...this.#env, SHOTLINE_CACHE: cache });
    const code = join(this.#servers.dir, 'other-release');
    const command = which === 'this' ? stack : stack.of(await this.#copied(code));
    const workers = command.start('worker', 'all');
    let log = '';
    workers.stdout!.on('data', (part: Buffer) => (log += part.toString()));
    workers.stderr!.on('data', (part: Buffer) => (log += part.toString()));
    const end = finished(workers);
    const release: RunningRelease = {
      command,
      log: () => log,
      buildId: await eventually('the name of the release', () =>
        Promise.resolve(/"release":"([^"]+)"[^\n]*new stories go to/.exec(log)?.[1]),
      ),
      stop: async () => {
        this.#running.delete(release);
        workers.kill('SIGTERM');
        return end;
      },
    };
    this.#running.add(release);
    await eventually('four pools that take tasks', () =>
      Promise.resolve((log.match(/the worker takes tasks/g)?.length ?? 0) === 4),
    );
    return release;
  }

  #copy: Promise<string> | null = null;
  #copied(code: string): Promise<string> {
    return (this.#copy ??= copyRelease(code, { ...oneTimerMore, ...otherSegments }));
  }

  /** Submits a story by the command of a release and returns its handle. */
  async submit({ command }: RunningRelease, file: string): Promise<WorkflowHandle> {
    const run = await command.shotline('render', file, '--json', '--detach');
    assert.equal(run.code, 0, run.stderr);
    return this.client.workflow.getHandle((JSON.parse(run.stdout) as { workflowId: string }).workflowId);
  }

  /** The releases that a story and its children are pinned to. */
  async pinnedTo(handle: WorkflowHandle): Promise<readonly string[]> {
    const found = new Set<string>();
    const query = `WorkflowId STARTS_WITH '${handle.workflowId}'`;
    for await (const { workflowId, runId } of this.client.workflow.list({ query })) {
      const { raw } = await this.client.workflow.getHandle(workflowId, runId).describe();
      found.add(raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? 'none');
    }
    return [...found];
  }

  /** Writes a story of some shots. */
  story(name: string, ...shots: readonly string[]): Promise<string> {
    const lines = shots.map((shot) => `  - { ${shot} }`).join('\n');
    return this.#servers.writeStory(
      `${name}.yaml`,
      `title: ${name}\noutput: { width: 128, height: 72 }\ndefaults: { steps: 24 }\nshots:\n${lines}\n`,
    );
  }

  /** Waits until a story is in the middle of a denoising loop. */
  async midLoop(): Promise<void> {
    await eventually('a checkpoint', async () => (await this.objects.list('scratch/checkpoints/')).length > 0);
  }

  async forget(): Promise<void> {
    for (const prefix of ['artifacts/', 'films/', 'scratch/'])
      for (const { key } of await this.objects.list(prefix)) await this.objects.delete(key);
  }

  /** sha256 of the artifacts of a stage, by key. */
  async hashes(stage: string): Promise<Readonly<Record<string, string>>> {
    const hashes: Record<string, string> = {};
    for (const { key } of await this.objects.list(`artifacts/${stage}/`))
      hashes[key] = (await this.objects.head(key))?.sha256 ?? 'none';
    return hashes;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((release) => release.stop()));
    this.objects.close();
    await this.client.connection.close();
    await this.#servers.destroy();
  }
}
