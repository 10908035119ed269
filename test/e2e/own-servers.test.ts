import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { ensureStack } from '../../infra/local/stack.ts';
import type { StackState } from '../../infra/local/stack.ts';
import { storageConfigFromEnv } from '../../storage/config.ts';
import { connectObjectStore } from '../../storage/object-store.ts';
import { pools } from '../../story/plan/stages.ts';
import { taskQueueOf } from '../../story/plan/task-queue.ts';
import { storyPriority } from '../../workflows/stages.ts';
import { status } from '../../workflows/messages.ts';
import { PrivateStack, finished } from '../harness/private-stack.ts';
import type { CommandRun } from '../harness/private-stack.ts';

/**
 * Servers that Shotline has not started, as in a backend: the environment names them, workers and clients come from
 * elsewhere with a cache of their own, and the queues and the bucket carry other names than usual.
 */

jest.setTimeout(600_000);

let servers: PrivateStack;
let state: StackState;
/** A machine that knows the servers by its environment alone. */
let backend: PrivateStack;
let workersEnd: Promise<CommandRun>;
let workerLog = '';
let stopWorkers = (): void => undefined;

beforeAll(async () => {
  servers = await PrivateStack.create();
  state = await ensureStack({ env: servers.env });
  const cache = join(servers.dir, 'backend');
  await mkdir(cache);
  await symlink(join(servers.dir, 'bin'), join(cache, 'bin'));
  backend = servers.with({
    SHOTLINE_CACHE: cache,
    SHOTLINE_TEMPORAL_ADDRESS: state.temporalAddress,
    SHOTLINE_S3_ENDPOINT: state.s3.endpoint,
    SHOTLINE_S3_BUCKET: 'backend',
    SHOTLINE_S3_ACCESS_KEY_ID: state.s3.keys!.accessKeyId,
    SHOTLINE_S3_SECRET_ACCESS_KEY: state.s3.keys!.secretAccessKey,
    SHOTLINE_QUEUES: 'backend',
  });
  const workers = backend.start('worker', 'all');
  workers.stdout!.on('data', (part: Buffer) => (workerLog += part.toString()));
  workersEnd = finished(workers);
  stopWorkers = () => workers.kill('SIGTERM');
});

afterAll(async () => {
  stopWorkers();
  await workersEnd;
  await servers.destroy();
});

/** Priorities of a workflow and of the activities that it has scheduled. */
async function prioritiesOf(client: Client, workflowId: string): Promise<{ priorityKey: number; tenant: string }[]> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: scheduled }) =>
    scheduled?.priority == null
      ? []
      : [{ priorityKey: scheduled.priority.priorityKey ?? 0, tenant: scheduled.priority.fairnessKey ?? '' }],
  );
}

test('a render uses the servers, queues and bucket of the environment, and carries its tenant to every task', async () => {
  const story = await backend.writeStory(
    'backend.yaml',
    `title: Backend
output: { width: 128, height: 72 }
defaults: { steps: 2 }
shots:
  - { id: only, prompt: a red ball bounces on the grass by day }
`,
  );
  const film = await backend.render(story, '--tenant', 'north');
  const objects = connectObjectStore(storageConfigFromEnv(backend.env));
  expect(await objects.list('artifacts/film/')).toHaveLength(1);
  objects.close();
  expect(film.filmUrl).toContain(`${state.s3.endpoint}/backend/films/`);
  const answer = await fetch(film.filmUrl);
  expect(answer.headers.get('content-type')).toBe('video/mp4');
  expect(film).toMatchObject({ frames: 61, computed: 6, cacheHits: 0 });

  const connection = await Connection.connect({ address: state.temporalAddress });
  const client = new Client({ connection });
  const { raw } = await client.workflow.getHandle(film.workflowId).describe();
  expect(raw.workflowExecutionInfo?.priority?.fairnessKey).toBe('north');
  const own = await prioritiesOf(client, film.workflowId);
  // Stitching and publishing.
  expect(own).toHaveLength(2);
  const { items } = await client.workflow.getHandle(film.workflowId).query(status);
  const tasks = await prioritiesOf(client, items[0]!.childId!);
  expect(tasks).toHaveLength(1 + 1 + 3);
  // Tenants are served in turn within a rank alone, so there is one.
  for (const each of [...own, ...tasks]) expect(each).toEqual({ priorityKey: storyPriority, tenant: 'north' });
  await connection.close();
});

test('nothing is started beside servers of the environment, and `stack status` says whose they are', async () => {
  const { stdout } = await backend.shotline('stack', 'status');
  expect(stdout).toMatch(/temporal\s+external/);
  expect(stdout).toMatch(/storage\s+external/);
});

test('`worker all` runs every pool, and one signal drains them all', async () => {
  for (const pool of pools) expect(workerLog).toContain(`"queue":"${taskQueueOf('backend', pool)}"`);
  stopWorkers();
  const { code } = await workersEnd;
  expect(code).toBe(0);
  // A second signal would have ended the slower ones by force.
  expect(workerLog).not.toContain('ending at once');
  expect(workerLog.match(/the worker has drained/g)).toHaveLength(4);
});
