import { mkdir, symlink, writeFile } from 'node:fs/promises';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { ensureStack } from '../../infra/local/stack.ts';
import { makeAuthority } from '../harness/certificates.ts';
import { PrivateStack, eventually, finished } from '../harness/private-stack.ts';
import { startTlsProxy } from '../harness/tls-proxy.ts';
import type { TlsProxy } from '../harness/tls-proxy.ts';

/**
 * A company's servers: Temporal asks for certificates of its own authority, and S3 has one of that authority. Workers and
 * client know it by files; the base pool runs one worker for each of two devices under one process.
 */

jest.setTimeout(600_000);

const metricsPort = 23_000 + (process.pid % 2_000) * 4;
let servers: PrivateStack;
let company: PrivateStack;
let dir: string;
const doors: TlsProxy[] = [];
const workers: ChildProcess[] = [];
let baseLog = '';

beforeAll(async () => {
  servers = await PrivateStack.create();
  const state = await ensureStack({ env: servers.env });
  dir = join(servers.dir, 'company');
  await mkdir(dir);
  for (const shared of ['bin', 'workflow-bundles']) await symlink(join(servers.dir, shared), join(dir, shared));
  const authority = await makeAuthority('Company CA');
  const [server, worker, stranger] = await Promise.all([
    authority.issue({ name: 'server', addresses: ['127.0.0.1'] }),
    authority.issue({ name: 'worker' }),
    makeAuthority('Another CA'),
  ]);
  for (const [name, content] of [
    ['ca.pem', authority.cert],
    ['other-ca.pem', stranger.cert],
    ['tls.crt', worker.cert],
    ['tls.key', worker.key],
  ] as const)
    await writeFile(join(dir, name), content);
  const temporal = await startTlsProxy({ target: state.temporalAddress, identity: server, callers: authority.cert });
  const s3 = await startTlsProxy({ target: new URL(state.s3.endpoint).host, identity: server });
  doors.push(temporal, s3);
  company = servers.with({
    SHOTLINE_CACHE: dir,
    SHOTLINE_TEMPORAL_ADDRESS: temporal.address,
    SHOTLINE_TEMPORAL_TLS_CA: join(dir, 'ca.pem'),
    SHOTLINE_TEMPORAL_TLS_CERT: join(dir, 'tls.crt'),
    SHOTLINE_TEMPORAL_TLS_KEY: join(dir, 'tls.key'),
    SHOTLINE_S3_ENDPOINT: `https://${s3.address}`,
    SHOTLINE_S3_CA: join(dir, 'ca.pem'),
    SHOTLINE_S3_ACCESS_KEY_ID: state.s3.keys!.accessKeyId,
    SHOTLINE_S3_SECRET_ACCESS_KEY: state.s3.keys!.secretAccessKey,
    SHOTLINE_METRICS_ADDRESS: `127.0.0.1:${String(metricsPort)}`,
    SHOTLINE_THREADS: '1',
  });
  for (const words of [['base', '--devices', 'cpu,cpu'], ['interp'], ['sr'], ['edit', '--current']]) {
    const started = company.start('worker', ...words);
    if (words[0] === 'base')
      for (const stream of [started.stdout, started.stderr])
        stream!.on('data', (part: Buffer) => (baseLog += part.toString()));
    else for (const stream of [started.stdout, started.stderr]) stream!.resume();
    workers.push(started);
  }
});

afterAll(async () => {
  for (const worker of workers) if (worker.exitCode === null) worker.kill('SIGTERM');
  await Promise.all(workers.filter((worker) => worker.exitCode === null).map((worker) => finished(worker)));
  for (const door of doors) door.close();
  await servers.destroy();
});

async function asked(port: number, path: string): Promise<{ readonly status: number; readonly text: string } | null> {
  try {
    const answer = await fetch(`http://127.0.0.1:${String(port)}${path}`);
    return { status: answer.status, text: await answer.text() };
  } catch {
    return null;
  }
}

interface Ready {
  readonly workers: readonly { readonly worker: string; readonly device: string; readonly state: string }[];
}
const readyOf = async (): Promise<Ready | null> => {
  const answer = await asked(metricsPort, '/readyz');
  return answer === null ? null : (JSON.parse(answer.text) as Ready);
};

test('a film comes out of servers that only their own authority vouches for', async () => {
  const story = `title: Behind TLS
output: { width: 128, height: 72 }
defaults: { steps: 2 }
shots:
  - { id: only, prompt: a red ball on the beach at sunset }
`;
  const film = await company.render(await company.writeStory('tls.yaml', story));
  expect(film.frames).toBe(61);
  for (const door of doors) expect(door.numAdmitted).toBeGreaterThan(2);
});

test('each worker says at its own address that it lives and takes tasks', async () => {
  for (const offset of [1, 2, 3]) {
    const ready = await eventually('a worker that is ready', async () => {
      const answer = await asked(metricsPort + offset, '/readyz');
      return answer?.status === 200 && answer;
    });
    expect(JSON.parse(ready.text)).toEqual({ state: 'serving', reason: null });
    expect(await asked(metricsPort + offset, '/livez')).toEqual({ status: 200, text: 'ok\n' });
    expect((await asked(metricsPort + offset, '/metrics'))!.text).toMatch(/^shotline_worker_fit\{.*\} 1$/m);
  }
  // What alerts and the dashboard rest on: milliseconds, by task queue.
  const { text } = (await asked(metricsPort + 1, '/metrics'))!;
  expect(text).toMatch(
    /^temporal_activity_schedule_to_start_latency_bucket\{.*task_queue="shotline-interp-measure2".*le="1000".*\} /m,
  );
  expect(text).toMatch(/^temporal_worker_task_slots_used\{.*worker_type="ActivityWorker".*\} /m);
  expect(text).toMatch(/^shotline_stage_seconds_bucket\{.*stage="interp".*\} [1-9]/m);
});

test('two devices are two workers at one address, and one that is killed comes back while the other goes on', async () => {
  const serving = (ready: Ready | null) => ready?.workers.filter(({ state }) => state === 'serving').length;
  await eventually('two workers that serve', async () => serving(await readyOf()) === 2);
  const { text } = (await asked(metricsPort, '/metrics'))!;
  expect(text.match(/^# TYPE shotline_worker_fit gauge$/gm)).toHaveLength(1);
  for (const worker of ['0', '1'])
    expect(text).toMatch(new RegExp(`^shotline_worker_fit\\{worker="${worker}",.*device="cpu".*\\} 1$`, 'm'));

  const pids = () => [...baseLog.matchAll(/"pool":"base","pid":(\d+)/g)].map(([, pid]) => Number(pid));
  const [first] = pids();
  process.kill(first!, 'SIGKILL');
  await eventually('one worker that serves', async () => serving(await readyOf()) === 1);
  expect((await asked(metricsPort, '/readyz'))!.status).toBe(200);
  await eventually('both again', async () => serving(await readyOf()) === 2);
  expect(baseLog).toMatch(/worker [01] \(base on cpu\): it ended with SIGKILL and starts again in 1 s/);
  expect(new Set(pids()).size).toBe(3);
});

test('a command with a wrong file says which, and what to do', async () => {
  const missing = await company.with({ SHOTLINE_TEMPORAL_TLS_KEY: join(dir, 'absent.key') }).shotline('status');
  expect(missing.code).toBe(2);
  expect(missing.stderr).toMatch(/SHOTLINE_TEMPORAL_TLS_KEY is ".*absent.key": it cannot be read \(ENOENT\)/);
  const foreign = await company
    .with({ SHOTLINE_S3_CA: join(dir, 'other-ca.pem') })
    .shotline('models', 'push', 'pocket');
  expect(foreign.code).toBe(5);
  expect(foreign.stderr).toMatch(/Set SHOTLINE_S3_CA to the PEM file of the authority/);
  const unknown = await company.with({ SHOTLINE_TEMPORAL_TLS_CA: join(dir, 'other-ca.pem') }).shotline('status');
  expect(unknown.code).toBe(5);
  expect(unknown.stderr).toMatch(/was issued by CN=Company CA, which is none of those in ".*other-ca.pem"/);
});

test('one signal drains both workers of the devices', async () => {
  const [base] = workers;
  const ended = finished(base!);
  base!.kill('SIGTERM');
  expect((await ended).code).toBe(0);
  expect(baseLog.match(/the worker has drained/g)).toHaveLength(2);
});

interface Told {
  readonly reasons: readonly { readonly kind: string; readonly text: string; readonly next: string | null }[];
  readonly longestWay: string;
}
interface Fleet {
  readonly pools: readonly {
    readonly pool: string;
    readonly trouble: string | null;
    readonly workers: readonly { readonly name: string; readonly state: string; readonly done: number }[];
  }[];
}

test('a story that waits for a pool without workers is told why, and the fleet shows the pool', async () => {
  const story = `title: Waits\noutput: { width: 128, height: 72 }\ndefaults: { steps: 3 }\nshots:\n  - { id: only, prompt: a blue ball on the beach }\n`;
  const waiting = company.start('render', await company.writeStory('waits.yaml', story), '--json');
  const end = finished(waiting);
  const told = await eventually('a reason', async () => {
    const run = await company.shotline('why', join(servers.dir, 'waits.yaml'), '--json');
    const answer = run.code === 0 ? (JSON.parse(run.stdout) as Told) : null;
    return answer !== null && (answer.reasons[0]?.text ?? '').includes('no worker of that pool lives') && answer;
  });
  expect(told.reasons[0]).toMatchObject({ kind: 'stuck', next: 'start `shotline worker base`' });
  expect(told.longestWay).toBe('shot only base → interp → segment, then film');
  const { pools } = JSON.parse((await company.shotline('fleet', '--json')).stdout) as Fleet;
  expect(pools.find(({ pool }) => pool === 'base')?.trouble).toBe('1 task waits and no worker lives');
  const interp = pools.find(({ pool }) => pool === 'interp')!;
  expect(interp.trouble).toBeNull();
  expect(interp.workers).toEqual([expect.objectContaining({ state: 'runs' })]);
  expect(interp.workers[0]!.done).toBeGreaterThan(0);
  expect(interp.workers[0]!.name).toMatch(/^interp@/);
  expect((await company.shotline('fleet')).stdout).toContain('! 1 task waits and no worker lives');
  await company.shotline('cancel', join(servers.dir, 'waits.yaml'));
  await end;
});
