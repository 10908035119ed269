import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { EngineCommand, EngineEvent } from '../../engine/protocol.ts';
import type { BaseTask } from '../../story/plan/task.ts';
import { stepTask } from './fixtures/step-task.ts';

jest.setTimeout(60_000);

/** What a real engine process says on its channel, without a client between. */

const textPackage = fileURLToPath(new URL('../../models/packages/pocket-text', import.meta.url));

let dir: string;
let engine: ChildProcess;
const events: EngineEvent[] = [];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-protocol-'));
  engine = fork(fileURLToPath(new URL('./fixtures/step-engine.ts', import.meta.url)), {
    execArgv: ['--import', import.meta.resolve('tsx')],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  engine.on('message', (event: EngineEvent) => events.push(event));
  while (!events.some(({ kind }) => kind === 'ready')) await once(engine, 'message');
});

afterAll(async () => {
  engine.kill('SIGKILL');
  await rm(dir, { recursive: true, force: true });
});

const send = (command: EngineCommand): boolean => engine.send(command);

function run(jobId: string, params: Partial<BaseTask['params']>, packageDirs: Record<string, string> = {}): void {
  const files = { inputFiles: [], outputFile: join(dir, jobId), checkpointFile: null, scratchDir: dir };
  send({ kind: 'run', jobId, task: stepTask(params), packageDirs, ...files, checkpointEvery: 0, shrink: 0 });
}

/** What the engine said of a job, once it has said a word of this kind. */
async function said(jobId: string, kind: EngineEvent['kind']): Promise<EngineEvent['kind'][]> {
  const ofJob = (): EngineEvent['kind'][] =>
    events.filter((event) => 'jobId' in event && event.jobId === jobId).map((event) => event.kind);
  while (!ofJob().includes(kind)) await once(engine, 'message');
  return ofJob();
}

describe('an engine', () => {
  test('answers every run once, and says no more of it (E2)', async () => {
    run('good', { steps: 2 });
    await said('good', 'done');
    run('bad', { steps: 3, prompt: 'fail at 1' });
    await said('bad', 'failed');
    run('unwanted', { steps: 100 });
    send({ kind: 'cancel', jobId: 'unwanted' });
    await said('unwanted', 'cancelled');
    // A cancel of what has ended is too late, and is none of the next job.
    send({ kind: 'cancel', jobId: 'good' });
    run('next', { steps: 1 });
    expect(await said('next', 'done')).toEqual(['progress', 'done']);
    expect(await said('good', 'done')).toEqual(['progress', 'progress', 'done']);
    expect(await said('bad', 'failed')).toEqual(['progress', 'failed']);
  });

  test('refuses a second run while one is under way, which goes on (E1)', async () => {
    run('first', { steps: 3 });
    run('second', { steps: 1 });
    expect(await said('second', 'failed')).toEqual(['failed']);
    expect(events.find((event) => event.kind === 'failed' && event.jobId === 'second')).toMatchObject({
      code: 'INTERNAL',
      message: 'the engine is busy with first; one job at a time',
    });
    expect(await said('first', 'done')).toEqual(['progress', 'progress', 'progress', 'done']);
    run('third', { steps: 1 });
    expect(await said('third', 'done')).toEqual(['progress', 'done']);
  });

  test('begins no step when a cancel came before the job had read its packages (E3)', async () => {
    // Both lie in the channel before the engine goes on, and its packages are read from the disk between the two.
    engine.kill('SIGSTOP');
    run('early', { steps: 100 }, { text: textPackage });
    send({ kind: 'cancel', jobId: 'early' });
    engine.kill('SIGCONT');
    expect(await said('early', 'cancelled')).toEqual(['cancelled']);
  });

  test('begins no step once a cancel has come, and keeps the last one (E3)', async () => {
    run('midway', { steps: 1000 });
    await said('midway', 'progress');
    send({ kind: 'cancel', jobId: 'midway' });
    const kinds = await said('midway', 'cancelled');
    expect(kinds.slice(-2)).toEqual(['checkpoint', 'cancelled']);
    // The step that ran when the cancel was sent, and one that had begun before it was read.
    expect(kinds.filter((kind) => kind === 'progress').length).toBeLessThanOrEqual(3);
  });
});
