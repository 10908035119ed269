import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, jest, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { stackConfigFromEnv } from '../../infra/local/config.ts';
import { startDaemon, stopDaemon } from '../../infra/local/daemon.ts';
import type { Daemon } from '../../infra/local/daemon.ts';
import { choosePorts } from '../../infra/local/ports.ts';
import { readDynamicConfig, temporalAnswers, temporalArguments } from '../../infra/local/temporal-server.ts';
import type { ServerSettings } from '../../infra/local/temporal-server.ts';
import { registerSearchAttributes, searchAttributes } from '../../infra/temporal/search-attributes.ts';
import { waitUntil } from '../../infra/local/wait-until.ts';
import { ensureProgram } from '../../infra/local/stack-program.ts';

jest.setTimeout(180_000);

interface TestServer {
  readonly address: string;
  readonly connection: Connection;
  readonly client: Client;
  readonly daemon: Daemon;
  readonly dir: string;
}
const servers: TestServer[] = [];

async function startServer(settings: ServerSettings): Promise<TestServer> {
  const program = await ensureProgram('temporal', stackConfigFromEnv(process.env));
  const dir = await mkdtemp(join(tmpdir(), 'shotline-temporal-'));
  const ports = await choosePorts({ grpc: 0, ui: 0, http: 0, metrics: 0 });
  const args = temporalArguments({ ports, namespace: 'default', dbFile: null, ui: false, settings });
  const env = { PATH: process.env['PATH'] ?? '', HOME: dir };
  const daemon = await startDaemon({ command: program, args, env, cwd: dir, logFile: join(dir, 'log') });
  const address = `127.0.0.1:${String(ports.grpc)}`;
  expect(await waitUntil(() => temporalAnswers(address, 'default'), 60_000)).toBe(true);
  const connection = await Connection.connect({ address });
  const server = { address, daemon, dir, connection, client: new Client({ connection }) };
  servers.push(server);
  return server;
}

afterAll(async () => {
  for (const { connection, daemon, dir } of servers) {
    await connection.close();
    await stopDaemon(daemon, 5_000);
    await rm(dir, { recursive: true, force: true });
  }
});

interface Job {
  readonly name: string;
  readonly priorityKey?: number;
  readonly fairnessKey?: string;
}

/** Queues all jobs, then starts a worker with one slot, and tells the order in which it got them. */
async function orderOf({ address, client }: TestServer, taskQueue: string, jobs: readonly Job[]): Promise<string[]> {
  const handles = [];
  for (const { name, ...priority } of jobs) {
    handles.push(
      await client.activity.start('note', {
        id: `${taskQueue}-${name}`,
        taskQueue,
        args: [name],
        priority,
        startToCloseTimeout: '30s',
      }),
    );
  }
  const order: string[] = [];
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    maxConcurrentActivityTaskExecutions: 1,
    maxConcurrentActivityTaskPolls: 1,
    activities: {
      note: (name: string) => {
        order.push(name);
        return Promise.resolve();
      },
    },
  });
  await worker.runUntil(Promise.all(handles.map((handle) => handle.result())));
  await connection.close();
  return order;
}

/** A burst of low jobs with the high ones at its end. */
const mixed: readonly Job[] = ['L', 'M', 'H'].flatMap((letter, index) =>
  Array.from({ length: 8 }, (_, n) => ({ name: `${letter}${String(n)}`, priorityKey: 5 - 2 * index })),
);
const tenants: readonly Job[] = [
  ...Array.from({ length: 16 }, (_, n) => ({ name: `big${String(n)}`, fairnessKey: 'big' })),
  ...Array.from({ length: 4 }, (_, n) => ({ name: `small${String(n)}`, fairnessKey: 'small' })),
];
const letters = (order: readonly string[]): string => order.map((name) => name.charAt(0)).join('');

test('with our settings priority is exact, a small tenant does not wait behind a large one, and operators can pause', async () => {
  const server = await startServer(await readDynamicConfig());
  expect(letters(await orderOf(server, 'priority', mixed))).toBe('H'.repeat(8) + 'M'.repeat(8) + 'L'.repeat(8));
  expect((await orderOf(server, 'fairness', tenants)).lastIndexOf('small3')).toBeLessThan(12);
  await expect(pauseWorkflow(server)).resolves.toBeUndefined();
});

test('an operator gives a tenant more turns by a weight at the server', async () => {
  const server = await startServer(await readDynamicConfig());
  const lastSmall = async (queue: string): Promise<number> =>
    (await orderOf(server, queue, tenants)).lastIndexOf('small3');
  const weigh = (queue: string, weight: number): Promise<unknown> =>
    temporal([
      'task-queue',
      'config',
      'set',
      '--task-queue',
      queue,
      '--task-queue-type',
      'activity',
      '--fairness-key-weight',
      `small=${String(weight)}`,
      '--address',
      server.address,
    ]);
  // Far apart: where a tenant begins among others is a matter of chance, how soon its turns follow is not.
  await weigh('heavy', 4);
  await weigh('light', 0.25);
  expect(await lastSmall('heavy')).toBeLessThan(await lastSmall('light'));
});

test('without them none of this holds, so each setting is needed', async () => {
  const bare = await startServer({});
  // Four partitions hand out in an order of luck, and luck may sort one queue, but not three.
  const orders = [];
  for (const queue of ['luck-1', 'luck-2', 'luck-3']) orders.push(letters(await orderOf(bare, queue, mixed)));
  expect(orders.some((order) => order !== 'H'.repeat(8) + 'M'.repeat(8) + 'L'.repeat(8))).toBe(true);
  await expect(pauseWorkflow(bare)).rejects.toThrow();

  const unfair = await startServer({ ...(await readDynamicConfig()), 'matching.enableFairness': false });
  expect((await orderOf(unfair, 'fairness', tenants)).lastIndexOf('small3')).toBeGreaterThanOrEqual(12);
});

test('search attributes are registered where they are missing, once', async () => {
  const { address, connection } = await startServer({});
  const namespace = 'backend';
  await temporal(['operator', 'namespace', 'create', '--namespace', namespace, '--address', address]);
  const names = Object.keys(searchAttributes);
  // A namespace is known to all parts of the server a moment after it was registered.
  let added: readonly string[] = [];
  const register = async (): Promise<boolean> => {
    added = await registerSearchAttributes(connection, namespace).catch(() => []);
    return added.length > 0;
  };
  expect(await waitUntil(register, 30_000)).toBe(true);
  expect([...added].sort()).toEqual([...names].sort());
  expect(await registerSearchAttributes(connection, namespace)).toEqual([]);
});

/** What an operator types; no worker is needed for it. */
async function pauseWorkflow({ address, client }: TestServer): Promise<void> {
  await client.workflow.start('any', { workflowId: 'paused', taskQueue: 'nobody' });
  await temporal(['workflow', 'pause', '--workflow-id', 'paused', '--address', address]);
}

async function temporal(args: readonly string[]): Promise<void> {
  const program = await ensureProgram('temporal', stackConfigFromEnv(process.env));
  await promisify(execFile)(program, [...args], { timeout: 20_000 });
}
