import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { stackProcesses } from '../../infra/local/stack-processes.ts';
import { stackStatus } from '../../infra/local/stack.ts';
import { FaultBench, filmOf, patienceMs, ticksOf } from './fault-bench.ts';
import { eventually, finished } from '../harness/private-stack.ts';

jest.setTimeout(patienceMs);

const models = resolve(import.meta.dirname, '../../models');

let bench: FaultBench;

beforeAll(async () => {
  bench = await FaultBench.open();
});
afterAll(() => bench.close());

/** What each run of a film's manifest says of resuming. */
async function resumedSteps(manifestUrl: string): Promise<number[]> {
  const text = await (await fetch(manifestUrl)).text();
  return [...text.matchAll(/"resumedFromStep":\s*(\d+)/g)].map(([, step]) => Number(step));
}

test('a worker that is killed in mid-step is resumed from its checkpoint by the next, and all is the same to the byte', async () => {
  await bench.forget('artifacts/');
  const { ended } = await bench.renderToMidLoop();
  process.kill(await bench.worker('base'), 'SIGKILL');
  await bench.repair();
  const { manifestUrl } = filmOf(await ended);
  expect(Math.max(...(await resumedSteps(manifestUrl)))).toBeGreaterThan(0);
  expect(await bench.hashes()).toEqual(bench.undisturbed);
});

test('an engine that is killed in mid-step is replaced by its worker, and the clip is the same to the byte', async () => {
  await bench.forget('artifacts/base/');
  const { ended } = await bench.renderToMidLoop();
  process.kill((await bench.engine('base'))!, 'SIGKILL');
  const { manifestUrl } = filmOf(await ended);
  expect(Math.max(...(await resumedSteps(manifestUrl)))).toBeGreaterThan(0);
  expect(await bench.hashes()).toEqual(bench.undisturbed);
});

test('a worker whose engines die each time says so and ends; the story waits for a sound one and goes on from a checkpoint', async () => {
  await bench.forget('artifacts/base/');
  const { ended } = await bench.renderToMidLoop();
  const worker = await bench.worker('base');
  const gone = eventually(
    'the end of a worker that is unfit',
    () => Promise.resolve(!existsSync(`/proc/${String(worker)}`)),
    patienceMs,
  );
  expect(await bench.killEngines('base', gone)).toBeGreaterThan(1);
  const log = await readFile(join(bench.stack.dir, 'stack', 'worker-base.log'), 'utf8');
  expect(log).toMatch(/not fit for work: its device is not sound: the engine died with SIGKILL/);
  await bench.repair();
  const { manifestUrl } = filmOf(await ended);
  expect(Math.max(...(await resumedSteps(manifestUrl)))).toBeGreaterThan(0);
  expect(await bench.hashes()).toEqual(bench.undisturbed);
});

test('workers that are restarted in mid-render hand their tasks over with a checkpoint', async () => {
  await bench.forget('artifacts/');
  const { ended } = await bench.renderToMidLoop();
  const before = await bench.worker('base');
  // Workers of other settings take the place of those that run.
  const up = await bench.stack.with({ SHOTLINE_LOG_LEVEL: 'debug' }).shotline('stack', 'up');
  expect(up.code).toBe(0);
  expect(await bench.worker('base')).not.toBe(before);
  const log = join(bench.stack.dir, 'stack', 'worker-base.log');
  const warm = /"graphs":[1-9]\d*[^\n]*"the engine is warm"/;
  await eventually('models opened ahead', async () => warm.test(await readFile(log, 'utf8')), patienceMs);
  const { manifestUrl } = filmOf(await ended);
  expect(Math.max(...(await resumedSteps(manifestUrl)))).toBeGreaterThan(0);
  expect(await bench.hashes()).toEqual(bench.undisturbed);
});

test('artifacts that are corrupted in S3 are found out and made again', async () => {
  const corrupted = [(await bench.keys('artifacts/segment/'))[0]!, (await bench.keys('artifacts/interp/'))[0]!];
  for (const key of corrupted) {
    const bytes = Buffer.from('not what the hash says');
    await bench.objects.putBytes(key, bytes, {
      contentType: 'application/octet-stream',
      sha256: bench.undisturbed[key]!,
    });
  }
  await bench.forget();
  const { computed } = filmOf(await bench.render());
  // The segment and what it is made of, and the film.
  expect(computed).toBe(3);
  expect(await bench.hashes()).toEqual(bench.undisturbed);
  for (const key of corrupted) expect((await bench.objects.head(key))?.bytes).toBeGreaterThan(1000);
});

test('an S3 that goes away in mid-render is waited for', async () => {
  await bench.forget('artifacts/base/');
  const { ended } = await bench.renderToMidLoop();
  const { s3 } = await stackStatus({ env: bench.stack.env });
  process.kill(s3.pid!, 'SIGKILL');
  const log = join(bench.stack.dir, 'stack', 'worker-base.log');
  await eventually(
    'a worker that misses S3',
    async () => /checkpoint could not be saved|STORAGE_UNAVAILABLE/.test(await readFile(log, 'utf8')),
    patienceMs,
  );
  await bench.repair();
  filmOf(await ended);
  expect(await bench.hashes()).toEqual(bench.undisturbed);
});

test('a Temporal that is killed in mid-render finds the story again when it is back', async () => {
  await bench.forget('artifacts/base/');
  const { ended } = await bench.renderToMidLoop();
  const { temporal } = await stackStatus({ env: bench.stack.env });
  process.kill(temporal.pid!, 'SIGKILL');
  await bench.repair();
  filmOf(await ended);
  expect(await bench.hashes()).toEqual(bench.undisturbed);
});

/** A file system of a fixed size needs the right to mount one. */
const testAsRoot = process.getuid?.() === 0 ? test : test.skip;

testAsRoot('a scratch disk that is full is waited for, and the render goes on when it has space again', async () => {
  await bench.forget('artifacts/base/');
  const scratch = join(bench.stack.dir, 'small-disk');
  await mkdir(scratch);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', scratch]);
  try {
    const ended = bench.render(bench.stack.with({ SHOTLINE_SCRATCH: scratch }));
    const log = join(bench.stack.dir, 'stack', 'worker-base.log');
    await eventually(
      'an attempt that fails for want of space',
      async () => (await readFile(log, 'utf8')).includes('RESOURCE_DISK'),
      patienceMs,
    );
    execFileSync('mount', ['-o', 'remount,size=512m', scratch]);
    filmOf(await ended);
    expect(await bench.hashes()).toEqual(bench.undisturbed);
  } finally {
    // Workers with a scratch folder of their own again.
    await bench.repair();
    execFileSync('umount', ['-l', scratch]);
  }
});

test('a story that is cancelled in mid-step ends as cancelled, its engine is idle at once, and the next run goes on', async () => {
  await bench.forget('artifacts/base/');
  const workflowId = await bench.submit();
  const watch = finished(bench.stack.start('watch', workflowId));
  await bench.midLoop();
  const engine = (await bench.engine('base'))!;
  expect((await bench.stack.shotline('cancel', workflowId)).code).toBe(0);
  expect((await watch).code).toBe(6);
  // The story has ended when its pools have let go: what a denoising engine uses in a second is many times this.
  const before = ticksOf(engine);
  await delay(1_000);
  expect(ticksOf(engine) - before).toBeLessThan(5);
  expect(await bench.keys('artifacts/base/')).toEqual([]);
  const { manifestUrl } = filmOf(await bench.render());
  expect(Math.max(...(await resumedSteps(manifestUrl)))).toBeGreaterThan(0);
  expect(await bench.hashes()).toEqual(bench.undisturbed);
});

test('two shots of the same words and seed that are computed at once come to one artifact and a whole film', async () => {
  const other = bench.stack.with({ ...bench.serverEnv }).start('worker', 'base');
  try {
    let log = '';
    other.stdout!.on('data', (part: Buffer) => (log += part.toString()));
    await eventually('a second base worker', () => Promise.resolve(log.includes('takes tasks')), patienceMs);
    const shot = 'prompt: a blue ball bounces on the grass by day, seed: 5';
    const text = `title: Twins
output: { width: 128, height: 72 }
defaults: { steps: 12 }
shots:
  - { id: one, ${shot} }
  - { id: two, join: cut, ${shot} }
`;
    const film = await bench.stack.render(await bench.stack.writeStory('twins.yaml', text));
    expect(film.frames).toBe(2 * 61);
    // Each worker has made the base clip, and there is one.
    expect(log).toContain('stage done');
    expect(await bench.keys('artifacts/base/')).toHaveLength(2);
    expect(film.computed).toBeGreaterThan(6);
  } finally {
    other.kill('SIGTERM');
    await finished(other);
    for (const key of await bench.keys('artifacts/')) {
      if (bench.undisturbed[key] === undefined) await bench.objects.delete(key);
    }
  }
});

test('an engine that was stopped while it was idle is replaced before its next task', async () => {
  await bench.forget('artifacts/');
  const engine = (await bench.engine('base'))!;
  process.kill(engine, 'SIGSTOP');
  filmOf(await bench.render());
  expect(await bench.hashes()).toEqual(bench.undisturbed);
  expect(existsSync(`/proc/${String(engine)}`)).toBe(false);
});

test('a dead edit worker is told as such, and not as a sick Temporal', async () => {
  await bench.forget('artifacts/');
  const workflowId = await bench.submit();
  process.kill(await bench.worker('edit'), 'SIGKILL');
  const { code, stderr } = await bench.stack.shotline('status', workflowId);
  expect([code, stderr]).toEqual([
    5,
    expect.stringMatching(/^error: Temporal answers, and no worker of the pool edit did so for .*`shotline stack up`/),
  ]);
  await bench.repair();
  filmOf(await bench.render());
  expect(await bench.hashes()).toEqual(bench.undisturbed);
});

test('without a record a stop ends servers, workers, and the stopped engine of a worker that was killed', async () => {
  const dir = join(bench.stack.dir, 'stack');
  const engine = (await bench.engine('base'))!;
  process.kill(engine, 'SIGSTOP');
  process.kill(await bench.worker('base'), 'SIGKILL');
  await rm(join(dir, 'state.json'));
  const parts = (await stackProcesses(dir)).map(({ part }) => part);
  expect(parts).toEqual(expect.arrayContaining(['temporal', 'seaweed', 'interp', 'sr', 'edit', 'engine']));
  const { code, stdout } = await bench.stack.shotline('stack', 'down');
  expect([code, stdout]).toEqual([0, 'the local stack is stopped; films and artifacts stay\n']);
  expect(await stackProcesses(dir)).toEqual([]);
  await bench.repair();
  filmOf(await bench.render());
  expect(await bench.hashes()).toEqual(bench.undisturbed);
});

describe('an S3 that is down at submit', () => {
  test('is told with its address and exit code 5, and never with its key', async () => {
    const astray = bench.stack.with({
      SHOTLINE_TEMPORAL_ADDRESS: bench.serverEnv['SHOTLINE_TEMPORAL_ADDRESS']!,
      SHOTLINE_S3_ENDPOINT: 'http://127.0.0.1:9',
      SHOTLINE_S3_ACCESS_KEY_ID: 'someone',
      SHOTLINE_S3_SECRET_ACCESS_KEY: 'not-to-be-shown',
    });
    const run = await bench.render(astray);
    expect(run.code).toBe(5);
    expect(run.stdout + run.stderr).toContain('127.0.0.1:9');
    expect(run.stdout + run.stderr).not.toContain('not-to-be-shown');
  });
});

describe('a model file', () => {
  const graph = 'packages/pocket-base/denoiser.onnx';
  const manifest = 'packages/pocket-base/model.json';
  let copy: string;
  beforeAll(async () => {
    copy = join(bench.stack.dir, 'models');
    for (const part of ['sets', 'packages']) await cp(join(models, part), join(copy, part), { recursive: true });
  });

  /** The bucket's copy of the base package. */
  async function bucketKeys(): Promise<string[]> {
    const { files } = JSON.parse(await readFile(join(models, manifest), 'utf8')) as { files: { sha256: string }[] };
    const manifests = (await bench.keys('packages/')).filter((key) => key.endsWith('/denoiser.onnx'));
    for (const key of manifests) {
      if ((await bench.objects.head(key))?.sha256 === files[0]!.sha256) return bench.keys(key.replace(/[^/]+$/, ''));
    }
    throw new Error('the bucket lacks the base package');
  }

  test('that is altered is refused before it reaches the bucket, with exit code 7 and its name', async () => {
    const bytes = await readFile(join(copy, graph));
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(join(copy, graph), bytes);
    for (const key of await bucketKeys()) await bench.objects.delete(key);
    const run = await bench.render(bench.stack.with({ ...bench.serverEnv, SHOTLINE_MODELS: copy }));
    expect(run.code).toBe(7);
    expect(run.stdout + run.stderr).toMatch(/MODEL_CORRUPT.*denoiser\.onnx/s);
    const verify = await bench.stack.with({ SHOTLINE_MODELS: copy }).shotline('models', 'verify');
    expect(verify).toMatchObject({ code: 7 });
    expect(verify.stdout + verify.stderr).toContain('denoiser.onnx');
  });

  test('that is missing is refused with exit code 7 and its name', async () => {
    await rm(join(copy, graph));
    const run = await bench.render(bench.stack.with({ ...bench.serverEnv, SHOTLINE_MODELS: copy }));
    expect(run.code).toBe(7);
    expect(run.stdout + run.stderr).toMatch(/MODEL_CORRUPT.*denoiser\.onnx/s);
  });

  test('that is altered in the bucket fails the story with its name, and a clean upload cures it', async () => {
    await bench.forget('artifacts/base/');
    await bench.stack.shotline('models', 'push', 'pocket');
    const keys = await bucketKeys();
    const key = keys.find((name) => name.endsWith('denoiser.onnx'))!;
    const contentType = 'application/octet-stream';
    await bench.objects.putBytes(key, Buffer.from('not a graph'), { contentType });
    // A worker that has no copy of its own yet.
    process.kill(await bench.worker('base'), 'SIGKILL');
    await rm(join(bench.stack.dir, 'packages'), { recursive: true });
    await mkdir(join(bench.stack.dir, 'packages'));
    const run = await bench.render();
    expect(run.code).toBe(4);
    expect(run.stdout).toContain('MODEL_CORRUPT');
    expect(run.stdout).toContain(key);

    for (const name of keys) await bench.objects.delete(name);
    filmOf(await bench.render());
    expect(await bench.hashes()).toEqual(bench.undisturbed);
  });
});
