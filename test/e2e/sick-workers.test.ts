import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { artifactKeyFile } from '../../infra/local/artifact-key.ts';
import { poolStatus } from '../../infra/local/pools.ts';
import { findStack } from '../../infra/local/stack.ts';
import { startRefusingProxy } from '../harness/refusing-proxy.ts';
import { PrivateStack, eventually, finished } from '../harness/private-stack.ts';
import { patienceMs } from './fault-bench.ts';

jest.setTimeout(patienceMs);

/** One worker of the base pool is sick and another is well: no story may fail. */

const metricsPort = 20_000 + (process.pid % 3_000) * 4;
let stack: PrivateStack;
let serverEnv: Readonly<Record<string, string>>;
const workers: ChildProcess[] = [];

beforeAll(async () => {
  stack = await PrivateStack.create({ SHOTLINE_METRICS_ADDRESS: `127.0.0.1:${String(metricsPort)}` });
  expect((await stack.shotline('stack', 'up')).code).toBe(0);
  const { env } = (await findStack({ env: stack.env }))!;
  serverEnv = { ...env, SHOTLINE_ARTIFACT_KEY_FILE: artifactKeyFile(join(stack.dir, 'stack')) };
});
afterEach(async () => {
  for (const worker of workers.splice(0)) {
    if (worker.exitCode !== null || worker.signalCode !== null) continue;
    worker.kill('SIGTERM');
    await new Promise((resolve) => worker.once('exit', resolve));
  }
});
afterAll(() => stack.destroy());

/** A story that has not been rendered before. */
async function freshStory(numShots: number): Promise<string> {
  const take = randomUUID().slice(0, 8);
  const shots = Array.from(
    { length: numShots },
    (_, index) =>
      `  - { id: s${String(index)}, prompt: a red boat sails to the right on the sea ${take} ${String(index)}${index > 0 ? ', join: cut' : ''} }\n`,
  );
  const text = `title: Take ${take}\noutput: { width: 128, height: 72 }\ndefaults: { steps: 12 }\nshots:\n${shots.join('')}`;
  return stack.writeStory(`${take}.yaml`, text);
}

/** Starts a base worker with settings of its own beside that of the stack. */
function startBase(settings: Readonly<Record<string, string>>): { ended: Promise<number | null>; log: () => string } {
  const worker = stack.with({ ...serverEnv, ...settings }).start('worker', 'base');
  workers.push(worker);
  let log = '';
  for (const stream of [worker.stdout, worker.stderr]) stream!.on('data', (part: Buffer) => (log += part.toString()));
  const ended = finished(worker).then(({ code }) => code);
  return { ended, log: () => log };
}

const takesTasks = (worker: { log: () => string }): Promise<unknown> =>
  eventually('a worker that takes tasks', () => Promise.resolve(worker.log().includes('takes tasks')), patienceMs);

test('a worker whose key S3 refuses takes no task, says why and ends with code 9; two stories finish', async () => {
  const sick = startBase({ SHOTLINE_S3_SECRET_ACCESS_KEY: 'a-wrong-secret' });
  const films = await Promise.all([stack.render(await freshStory(1)), stack.render(await freshStory(1))]);
  for (const film of films) expect(film.frames).toBe(61);
  expect(await sick.ended).toBe(9);
  expect(sick.log()).toMatch(/not fit for work: its storage is not sound: .*SHOTLINE_S3_SECRET_ACCESS_KEY/);
  expect(sick.log()).not.toMatch(/takes tasks|a-wrong-secret/);
});

test('a worker whose device cannot be used takes no task, says why and ends with code 9; a story of three shots finishes', async () => {
  const sick = startBase({ SHOTLINE_DEVICE: 'cuda:7' });
  expect((await stack.render(await freshStory(3))).frames).toBe(3 * 61);
  expect(await sick.ended).toBe(9);
  expect(sick.log()).toMatch(/not fit for work: its device is not sound: .*cuda:7/);
  expect(sick.log()).not.toContain('takes tasks');
});

/** What the metrics of a base worker say, the number of workers before it at the same setting given. */
const metricsOf = async (number: number): Promise<string> =>
  (await fetch(`http://127.0.0.1:${String(metricsPort + 4 * number)}/metrics`)).text();

test('a worker whose numbers are NaN is found out and ends with code 9; what it failed is made by the other', async () => {
  const preload = pathToFileURL(join(import.meta.dirname, '../harness/nan-engine.mjs')).href;
  const sick = startBase({ NODE_OPTIONS: `--import ${preload}` });
  await takesTasks(sick);
  expect(await metricsOf(1)).toMatch(/shotline_worker_fit\{[^}]*device="cpu"[^}]*\} 1/);
  const told = eventually(
    'a failure in the metrics of the sick worker',
    async () =>
      /shotline_failures\{(?=[^}]*code="NUMERIC_INVALID")(?=[^}]*stage="base")[^}]*\} \d/.test(await metricsOf(1)),
    patienceMs,
  );
  const rendered = stack.render(await freshStory(6));
  await told;
  expect((await rendered).frames).toBe(6 * 61);
  expect(sick.log()).toContain('NUMERIC_INVALID');
  // Two stories are enough for three failures in a row, whoever is quicker.
  if (!sick.log().includes('unfit')) await stack.render(await freshStory(6));
  expect(await sick.ended).toBe(9);
  expect(sick.log()).toMatch(/not fit for work: its last \d+ tasks failed, and base \w{12}, one of them, was made by/);
  expect(await metricsOf(0)).toMatch(/shotline_seconds_since_step\{[^}]*stage="base"[^}]*\} 0/);
});

test('an S3 that refuses a worker for seconds is waited for, and its task goes on', async () => {
  const proxy = await startRefusingProxy(serverEnv['SHOTLINE_S3_ENDPOINT']!);
  try {
    const pool = (await poolStatus({ env: stack.env })).find((status) => status.pool === 'base')!;
    process.kill(pool.pid!, 'SIGTERM');
    const only = startBase({ SHOTLINE_S3_ENDPOINT: proxy.endpoint, SHOTLINE_CHECKPOINT_EVERY: '1' });
    await takesTasks(only);
    proxy.refuse();
    const ended = stack.with(serverEnv).shotline('render', await freshStory(2), '--json');
    await eventually(
      'a task that is handed on',
      () =>
        Promise.resolve(
          /WORKER_UNFIT.*STORAGE_DENIED|STORAGE_DENIED.*WORKER_UNFIT|another worker takes/.test(only.log()),
        ),
      patienceMs,
    );
    // Long enough for several checks of the worker, and for more attempts of the task than a fatal code would have.
    const before = proxy.refused;
    await eventually('more refusals', () => Promise.resolve(proxy.refused >= before + 3), patienceMs);
    proxy.relent();
    const run = await ended;
    expect(`${String(run.code)} ${run.stderr}`).toMatch(/^0 /);
    expect(only.log()).toContain('the check goes well again');
    // Temporal keeps 4 kB of a failure that is tried again.
    expect(run.stderr).not.toContain('exceeds size limit');
  } finally {
    proxy.close();
  }
});
