import { describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { ArtifactName } from '../story/plan/task.ts';
import { Fitness } from './fitness.ts';
import type { FitnessParts } from './fitness.ts';

const never = new AbortController().signal;
const times = { firstMs: 1, longestMs: 4, patienceMs: { storage: 40, device: 40, 'absent storage': 400 } };
const denied = new PipelineError('STORAGE_DENIED', 'refused', { details: { reason: 'AccessDenied, HTTP 403' } });
const nan = new PipelineError('NUMERIC_INVALID', 'NaN');
const task = (digit: string): ArtifactName => ({ stage: 'base', key: digit.repeat(64) });

function fitness(changes: Partial<FitnessParts> = {}): Fitness {
  const sound = { storage: () => Promise.resolve(), device: () => Promise.resolve() };
  const log = pino({ level: 'silent' });
  return new Fitness({ worker: 'w', checks: sound, isMade: () => Promise.resolve(false), log, times, ...changes });
}

/** A check that fails so often before it goes well. */
function failing(times: number, error: Error): () => Promise<void> {
  let left = times;
  return () => {
    left -= 1;
    return left < 0 ? Promise.resolve() : Promise.reject(error);
  };
}

async function reasonOf(signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        resolve();
      });
    });
  }
  return signal.reason;
}

describe('a worker that starts', () => {
  test('waits while its storage refuses for a moment (H1)', async () => {
    const patient = { ...times, patienceMs: { ...times.patienceMs, storage: 60_000 } };
    await fitness({ checks: { storage: failing(3, denied), device: null }, times: patient }).prove(never);
  });

  test('is unfit when a part stays unsound, and says which and why (H1)', async () => {
    const device = (): Promise<void> => Promise.reject(new PipelineError('RESOURCE_ENGINE', 'no cuda provider'));
    const proof = fitness({ checks: { storage: null, device } }).prove(never);
    await expect(proof).rejects.toMatchObject({ code: 'WORKER_UNFIT' });
    await expect(proof).rejects.toThrow(/worker w is not fit for work: its device is not sound: no cuda provider/);
  });

  test('waits longer for storage that is not there than for storage that refuses', async () => {
    const absent = new PipelineError('STORAGE_UNAVAILABLE', 'no answer');
    const startedMs = performance.now();
    await expect(
      fitness({ checks: { storage: () => Promise.reject(absent), device: null } }).prove(never),
    ).rejects.toThrow('no answer');
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(times.patienceMs['absent storage'] - 1);
  });
});

describe('after a failure', () => {
  test('a sound worker is not at fault, and takes the next task', async () => {
    const worker = fitness();
    expect(await worker.faultOf(nan)).toBeNull();
    worker.failed(task('1'));
    expect(worker.isOpen).toBe(true);
  });

  test('an unsound one is at fault, takes no task until the part is sound again, and then does (H2)', async () => {
    const changes: boolean[] = [];
    const worker = fitness({
      checks: { storage: failing(3, denied), device: null },
    });
    worker.onChange((isFit) => changes.push(isFit));
    expect(await worker.faultOf(denied)).toBe('refused');
    expect(worker.isOpen).toBe(false);
    await worker.whenOpen(never);
    expect(worker.isOpen).toBe(true);
    expect(worker.unfit.aborted).toBe(false);
    expect(changes).toEqual([false, true]);
  });

  test('one that stays unsound is unfit for good (H2)', async () => {
    const worker = fitness({ checks: { storage: () => Promise.reject(denied), device: null } });
    await worker.faultOf(denied);
    expect(await reasonOf(worker.unfit)).toMatchObject({ code: 'WORKER_UNFIT' });
    expect(worker.isOpen).toBe(false);
  });
});

describe('failures in a row of a sound worker', () => {
  test('make it pause, and leave it fit while nobody else has made the tasks (H3)', async () => {
    const worker = fitness();
    for (const digit of ['1', '2', '3', '4']) worker.failed(task(digit));
    expect(worker.isOpen).toBe(false);
    await worker.whenOpen(never);
    expect(worker.unfit.aborted).toBe(false);
  });

  test('make it unfit once another worker has made one of the tasks (H3)', async () => {
    const worker = fitness({ isMade: ({ key }) => Promise.resolve(key === task('2').key) });
    for (const digit of ['1', '2', '3']) worker.failed(task(digit));
    expect(await reasonOf(worker.unfit)).toMatchObject({
      code: 'WORKER_UNFIT',
      message: expect.stringContaining('base 222222222222, one of them, was made by another worker') as unknown,
    });
  });

  test('are forgotten with the first artifact that it makes', async () => {
    const worker = fitness({ isMade: () => Promise.resolve(true) });
    worker.failed(task('1'));
    worker.failed(task('2'));
    await worker.whenOpen(never);
    worker.worked();
    worker.failed(task('3'));
    expect(worker.isOpen).toBe(true);
    expect(worker.unfit.aborted).toBe(false);
  });

  test('make it let others come first when it leaves a task', async () => {
    const worker = fitness();
    worker.left(1);
    expect(worker.isOpen).toBe(true);
    worker.failed(task('1'));
    worker.left(1);
    expect(worker.isOpen).toBe(false);
    await worker.whenOpen(never);
  });
});
