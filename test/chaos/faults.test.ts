import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { poolStatus } from '../../infra/local/pools.ts';
import { findStack, stackStatus } from '../../infra/local/stack.ts';
import { storageConfigFromEnv } from '../../storage/config.ts';
import { connectObjectStore } from '../../storage/object-store.ts';
import type { ObjectStore } from '../../storage/object-store.ts';
import { PrivateStack, eventually, finished } from '../e2e/private-stack.ts';
import type { FilmJson } from '../../cli/film-report.ts';
import type { CommandRun } from '../e2e/private-stack.ts';

/** Long enough in each stage to be hit in the middle, short enough to be made a dozen times. */
const story = `title: Faults
defaults: { steps: 40 }
shots:
  - { id: only, prompt: a red boat sails to the right on the sea at sunset }
`;
const output = ['--output', '640x360'];

let stack: PrivateStack;
let objects: ObjectStore;
let file: string;
/** sha256 of the film that an undisturbed run makes. */
let undisturbed: string;

async function filmHash(report: FilmJson): Promise<string> {
  const manifest = (await (await fetch(report.manifestUrl)).json()) as { assembly: { run: { sha256: string } } };
  const { sha256 } = manifest.assembly.run;
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  return sha256;
}

async function keysUnder(prefix: string): Promise<string[]> {
  return (await objects.list(prefix)).map(({ key }) => key);
}

async function forget(...prefixes: string[]): Promise<void> {
  for (const prefix of prefixes) for (const key of await keysUnder(prefix)) await objects.delete(key);
}

/** Everything made so far is forgotten, so that the next render does all the work. */
const forgetAll = (): Promise<void> => forget('artifacts/', 'films/', 'scratch/');

function reportOf(run: CommandRun): FilmJson {
  if (run.code !== 0) throw new Error(`render ended with ${run.code}\n${run.stdout}\n${run.stderr}`);
  return JSON.parse(run.stdout) as FilmJson;
}

async function pidOfPool(pool: string): Promise<number> {
  const found = (await poolStatus({ env: stack.env })).find((status) => status.pool === pool)?.pid;
  if (found === null || found === undefined) throw new Error(`no ${pool} worker runs`);
  return found;
}

/** The first checkpoint of the base stage lies in S3: the denoising loop is in its middle. */
const inMidLoop = (): Promise<string> =>
  eventually('a checkpoint', async () => (await keysUnder('scratch/checkpoints/'))[0]);

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => {
      try {
        const stat = readFileSync(`/proc/${candidate}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === pid;
      } catch {
        return false;
      }
    });
}

/** Clock ticks that a process has computed, its own and the system's for it. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const rest = fields.slice(fields.lastIndexOf(')') + 2).split(' ');
  return Number(rest[11]) + Number(rest[12]);
}

beforeAll(async () => {
  const scratch = { SHOTLINE_CHECKPOINT_EVERY: '4' };
  stack = await PrivateStack.create(scratch);
  file = await stack.writeStory('faults.yaml', story);
  const report = await stack.render(file, ...output);
  undisturbed = await filmHash(report);
  const found = await findStack({ env: stack.env });
  objects = connectObjectStore(storageConfigFromEnv({ ...stack.env, ...found!.env }));
}, 600_000);

afterAll(async () => {
  objects.close();
  await stack.destroy();
}, 60_000);

describe('a worker that is killed in mid-step', () => {
  test('is resumed from its checkpoint by the next worker, and the film is the same to the byte', async () => {
    await forgetAll();
    const render = finished(stack.start('render', file, '--json', ...output));
    await inMidLoop();
    process.kill(await pidOfPool('base'), 'SIGKILL');
    expect((await stack.shotline('stack', 'up')).code).toBe(0);
    const report = reportOf(await render);
    expect(await filmHash(report)).toBe(undisturbed);
    const manifest = JSON.stringify(await (await fetch(report.manifestUrl)).json());
    expect(manifest).toMatch(/"resumedFromStep":\s*([4-9]|[1-9]\d)/);
  }, 600_000);
});

describe('an engine that is killed in mid-step', () => {
  test('is replaced by its worker and the film is the same to the byte', async () => {
    await forgetAll();
    const render = finished(stack.start('render', file, '--json', ...output));
    await inMidLoop();
    const [engine] = childrenOf(await pidOfPool('base'));
    process.kill(engine!, 'SIGKILL');
    expect(await filmHash(reportOf(await render))).toBe(undisturbed);
  }, 600_000);
});

describe('artifacts that are corrupted in S3', () => {
  test('are found out, made again from their recipes, and the film is the same to the byte', async () => {
    const [segment] = await keysUnder('artifacts/segment/');
    const [interp] = await keysUnder('artifacts/interp/');
    for (const key of [segment!, interp!]) {
      const { sha256 } = (await objects.head(key))!;
      const whole = Buffer.from('not what the hash says');
      await objects.putBytes(key, whole, { contentType: 'application/octet-stream', sha256: sha256! });
    }
    await forget('artifacts/film/');
    const report = await stack.render(file, ...output);
    expect(await filmHash(report)).toBe(undisturbed);
    expect(report.computed).toBeGreaterThanOrEqual(3);
  }, 600_000);
});

describe('S3 that goes away in mid-render', () => {
  test('is waited for, and the render goes on', async () => {
    await forgetAll();
    const render = finished(stack.start('render', file, '--json', ...output));
    await inMidLoop();
    const { s3 } = await stackStatus({ env: stack.env });
    process.kill(s3.pid!, 'SIGKILL');
    await delay(3_000);
    expect((await stack.shotline('stack', 'up')).code).toBe(0);
    expect(await filmHash(reportOf(await render))).toBe(undisturbed);
  }, 600_000);
});

describe('Temporal that is killed in mid-render', () => {
  test('finds the story again when it is back, and the render goes on', async () => {
    await forgetAll();
    const render = finished(stack.start('render', file, '--json', ...output));
    await inMidLoop();
    const { temporal } = await stackStatus({ env: stack.env });
    process.kill(temporal.pid!, 'SIGKILL');
    expect((await stack.shotline('stack', 'up')).code).toBe(0);
    expect(await filmHash(reportOf(await render))).toBe(undisturbed);
  }, 600_000);
});

describe('a story that is cancelled in mid-step', () => {
  test('ends as cancelled, and its engine is idle within a step and a second', async () => {
    await forgetAll();
    const submitted = await stack.shotline('render', file, '--json', '--detach', ...output);
    const { workflowId } = JSON.parse(submitted.stdout) as { workflowId: string };
    const watch = finished(stack.start('watch', workflowId));
    await inMidLoop();
    const [engine] = childrenOf(await pidOfPool('base'));
    expect((await stack.shotline('cancel', workflowId)).code).toBe(0);
    expect((await watch).code).toBe(6);
    await delay(1_000);
    const before = ticksOf(engine!);
    await delay(1_000);
    // A denoising engine uses a hundred ticks a second and more.
    expect(ticksOf(engine!) - before).toBeLessThan(10);
    const report = await stack.render(file, ...output);
    expect(await filmHash(report)).toBe(undisturbed);
  }, 600_000);
});

describe('S3 that is down at submit', () => {
  test('is told with its address and exit code 5, and never with its key', async () => {
    const { temporalAddress } = (await findStack({ env: stack.env }))!;
    const astray = stack.with({
      SHOTLINE_TEMPORAL_ADDRESS: temporalAddress,
      SHOTLINE_S3_ENDPOINT: 'http://127.0.0.1:9',
      SHOTLINE_S3_ACCESS_KEY_ID: 'someone',
      SHOTLINE_S3_SECRET_ACCESS_KEY: 'not-to-be-shown',
    });
    const run = await astray.shotline('render', file, ...output);
    expect(run.code).toBe(5);
    expect(run.stderr).toContain('127.0.0.1:9');
    expect(run.stdout + run.stderr).not.toContain('not-to-be-shown');
  }, 120_000);
});

const canMount = process.getuid?.() === 0;
(canMount ? describe : describe.skip)('a scratch disk that is full', () => {
  test('is waited for, and the render goes on when there is space again', async () => {
    await forgetAll();
    const scratch = join(stack.dir, 'small-disk');
    await mkdir(scratch);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', scratch]);
    const cramped = stack.with({ SHOTLINE_SCRATCH: scratch });
    try {
      const render = finished(cramped.start('render', file, '--json', ...output));
      await eventually('a failed attempt for want of space', async () =>
        (await readFile(join(stack.dir, 'stack', 'worker-base.log'), 'utf8')).includes('RESOURCE_DISK'),
      );
      execFileSync('mount', ['-o', 'remount,size=512m', scratch]);
      expect(await filmHash(reportOf(await render))).toBe(undisturbed);
    } finally {
      await stack.shotline('stack', 'down');
      execFileSync('umount', ['-l', scratch]);
    }
  }, 600_000);
});
