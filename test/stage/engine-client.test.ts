import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { engineEnvironment, engineConfigFromEnv } from '../../engine/config.ts';
import { EngineCancelled } from '../../engine/engine-job.ts';
import { EngineClient } from '../../engine/client/engine-client.ts';
import { endOrphans } from '../../engine/client/orphans.ts';
import type { EngineRequest } from '../../engine/client/engine-client.ts';
import type { StallLimits } from '../../engine/client/watchdog.ts';
import type { BaseTask } from '../../story/plan/task.ts';
import { stepTask } from './fixtures/step-task.ts';

jest.setTimeout(60_000);

const entry = new URL('./fixtures/step-engine.ts', import.meta.url);
const textPackage = fileURLToPath(new URL('../../models/packages/pocket-text', import.meta.url));

let dir: string;
let engine: EngineClient;
let logged: { level: string; message: string }[];

function newClient(
  options: {
    cancelGraceMs?: number;
    stall?: StallLimits;
    onLog?: (message: string) => void;
    device?: string;
    env?: NodeJS.ProcessEnv;
  } = {},
): EngineClient {
  return new EngineClient({
    entry,
    env: {
      ...engineEnvironment(engineConfigFromEnv({ SHOTLINE_THREADS: '1', SHOTLINE_DEVICE: options.device })),
      ...options.env,
    },
    cancelGraceMs: options.cancelGraceMs ?? 10_000,
    ...(options.stall !== undefined && { stall: options.stall }),
    log: (level, message) => {
      logged.push({ level, message });
      options.onLog?.(message);
    },
  });
}

function request(task: BaseTask, more: Partial<EngineRequest> = {}): EngineRequest {
  return {
    task,
    packageDirs: {},
    inputFiles: [],
    outputFile: join(dir, 'output'),
    checkpointFile: null,
    scratchDir: dir,
    checkpointEvery: 4,
    shrink: 0,
    ...more,
  };
}

const output = async (): Promise<string> => readFile(join(dir, 'output'), 'utf8');

async function failureOf(work: Promise<unknown>): Promise<PipelineError> {
  const error: unknown = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(PipelineError);
  return error as PipelineError;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

// One client for all: an engine that a test kills is replaced for the next, which is what a client is for.
beforeAll(() => {
  logged = [];
  engine = newClient();
});

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'shotline-engine-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

afterAll(async () => {
  await engine.stop();
});

describe('a job', () => {
  test('reports each step and its checkpoints and says what it cost', async () => {
    const steps: number[] = [];
    const checkpoints: number[] = [];
    const outcome = await engine.run(request(stepTask()), {
      onProgress: ({ done }) => steps.push(done),
      onCheckpoint: ({ step }) => checkpoints.push(step),
    });
    expect(steps).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(checkpoints).toEqual([4, 8]);
    expect(outcome.busyMs).toBeGreaterThan(10 * 40 - 1);
    expect(outcome.peakBytes).toBeGreaterThan(20 * 2 ** 20);
    expect(outcome.resumedFromStep).toBe(0);
  });

  test('runs real ONNX graphs of a package', async () => {
    await engine.run(
      request(stepTask({ prompt: 'encode', negative: 'a red boat' }), { packageDirs: { text: textPackage } }),
    );
    expect(JSON.parse(await output())).toEqual([1, 32, 128]);
    expect(logged.map((line) => line.message)).toContain('pocket-text/encoder opened on cpu');
  });

  test('finds the graphs open that were asked for ahead; one that cannot be opened is logged and left to its job', async () => {
    const fresh = newClient();
    const before = logged.length;
    await fresh.warm([
      { dir: join(dir, 'nowhere'), graph: 'encoder' },
      { dir: textPackage, graph: 'encoder' },
    ]);
    const ahead = logged.slice(before).map(({ message }) => message);
    expect(ahead).toContain('a model could not be opened ahead');
    expect(ahead).toContain('pocket-text/encoder opened on cpu');
    const task = stepTask({ prompt: 'encode', negative: 'a red boat' });
    const { graphs } = await fresh.run(request(task, { packageDirs: { text: textPackage } }));
    expect(graphs).toEqual([{ role: 'text', graph: 'encoder' }]);
    expect(logged.slice(before).filter(({ message }) => message.includes('opened on'))).toHaveLength(1);
    await fresh.stop();
  });

  test('waits for the one before it (C1), and both use one engine', async () => {
    const order: string[] = [];
    const first = engine.run(request(stepTask({ seed: 1 }))).then(() => order.push('first'));
    const second = engine.run(request(stepTask({ seed: 2, steps: 1 }))).then(() => order.push('second'));
    await first;
    const pid = engine.pid;
    await second;
    expect(order).toEqual(['first', 'second']);
    expect(engine.pid).toBe(pid);
  });

  test('leaves the worker free to beat while a step blocks the engine (C5)', async () => {
    let beats = 0;
    const timer = setInterval(() => (beats += 1), 5);
    await engine.run(request(stepTask()));
    clearInterval(timer);
    expect(beats).toBeGreaterThan(20);
  });
});

describe('a cancelled job', () => {
  test('stops after the step that runs (C2), leaves that step as a checkpoint and keeps the engine', async () => {
    const controller = new AbortController();
    const steps: number[] = [];
    const checkpoints: { step: number; file: string }[] = [];
    const work = engine.run(request(stepTask({ steps: 1000 })), {
      signal: controller.signal,
      onProgress: ({ done }) => {
        steps.push(done);
        if (done === 6) controller.abort();
      },
      onCheckpoint: (checkpoint) => checkpoints.push(checkpoint),
    });
    await expect(work).rejects.toBeInstanceOf(EngineCancelled);
    const settledAt = steps.length;
    const last = checkpoints.at(-1);
    expect(last?.step).toBeGreaterThanOrEqual(6);
    expect(last?.step).toBeLessThanOrEqual(8);
    const pid = engine.pid;

    await engine.run(request(stepTask({ steps: 12 }), { checkpointFile: last?.file ?? '' }));
    const resumed = await output();
    expect(engine.pid).toBe(pid);
    await engine.run(request(stepTask({ steps: 12 })));
    expect(await output()).toBe(resumed);
    expect(steps).toHaveLength(settledAt);
  });

  test('is killed when its step outlasts the grace (C3), and the next job gets a fresh engine', async () => {
    const controller = new AbortController();
    let abortedMs = 0;
    const hasty = newClient({
      cancelGraceMs: 200,
      onLog: (message) => {
        if (message !== 'hanging') return;
        abortedMs = performance.now();
        controller.abort();
      },
    });
    try {
      const work = hasty.run(request(stepTask({ prompt: 'hang at 2' })), { signal: controller.signal });
      await expect(work).rejects.toBeInstanceOf(EngineCancelled);
      expect(performance.now() - abortedMs).toBeGreaterThan(190);
      expect(hasty.pid).toBeNull();
      await hasty.run(request(stepTask()));
      expect(await output()).toMatch(/^[0-9a-f]{64} shrink 0$/);
    } finally {
      await hasty.stop();
    }
  });

  test('that waits behind another is let go at once, and the line goes on', async () => {
    const controller = new AbortController();
    const order: string[] = [];
    const first = engine.run(request(stepTask({ seed: 1 }))).then(() => order.push('first'));
    const second = engine.run(request(stepTask({ seed: 2 })), { signal: controller.signal });
    const third = engine.run(request(stepTask({ seed: 3, steps: 1 }))).then(() => order.push('third'));
    controller.abort();
    await expect(second).rejects.toBeInstanceOf(EngineCancelled);
    expect(order).toEqual([]);
    await Promise.all([first, third]);
    expect(order).toEqual(['first', 'third']);
  });

  test('that was cancelled before it began never reaches the engine', async () => {
    const unused = newClient();
    const work = unused.run(request(stepTask()), { signal: AbortSignal.abort() });
    await expect(work).rejects.toBeInstanceOf(EngineCancelled);
    expect(unused.pid).toBeNull();
  });
});

describe('an engine that dies', () => {
  test('by SIGKILL in mid-step fails its job with RESOURCE_ENGINE (C4), and a checkpoint brings the same bytes', async () => {
    const checkpoints: string[] = [];
    const error = await failureOf(
      engine.run(request(stepTask()), {
        onCheckpoint: ({ file }) => checkpoints.push(file),
        onProgress: ({ done }) => {
          if (done === 7) process.kill(engine.pid ?? 0, 'SIGKILL');
        },
      }),
    );
    expect(error.code).toBe('RESOURCE_ENGINE');
    expect(error.details).toMatchObject({ signal: 'SIGKILL' });

    const outcome = await engine.run(request(stepTask(), { checkpointFile: checkpoints.at(-1) ?? '' }));
    expect(outcome.resumedFromStep).toBe(4);
    const resumed = await output();
    await engine.run(request(stepTask()));
    expect(await output()).toBe(resumed);
  });

  test('by itself reports its exit code and last words', async () => {
    const error = await failureOf(engine.run(request(stepTask({ prompt: 'exit at 1' }))));
    expect(error.code).toBe('RESOURCE_ENGINE');
    expect(error.details).toEqual({ exitCode: 7, signal: null, stderr: ['a native library gave up'] });
  });

  test('of exhausted memory fails with RESOURCE_MEMORY (C4)', async () => {
    const error = await failureOf(engine.run(request(stepTask({ prompt: 'abort at 1' }))));
    expect(error.code).toBe('RESOURCE_MEMORY');
    expect(error.details).toMatchObject({ signal: 'SIGABRT' });
  });

  test('between two jobs is replaced and nobody hears of it', async () => {
    await engine.run(request(stepTask({ steps: 1 })));
    const pid = engine.pid ?? 0;
    process.kill(pid, 'SIGKILL');
    while (engine.pid === pid) await setTimeout(10);
    await engine.run(request(stepTask({ steps: 1 })));
    expect(engine.pid).not.toBe(pid);
  });

  test('before it was ready fails the job', async () => {
    const broken = new EngineClient({
      entry: new URL('./fixtures/no-such-engine.ts', import.meta.url),
      env: {},
      cancelGraceMs: 1_000,
      log: () => undefined,
    });
    const error = await failureOf(broken.run(request(stepTask())));
    expect(error.code).toBe('RESOURCE_ENGINE');
    expect(error.message).toContain('before it was ready');
  });
});

describe('an engine that makes no progress', () => {
  const stall = { unknownMs: 30_000, leastMs: 2_000, factor: 10 };

  test('because its kernel hangs is killed by its own pace, and the job goes on from its checkpoint (C6)', async () => {
    await engine.run(request(stepTask({ steps: 12 })));
    const whole = await output();
    const watched = newClient({ stall });
    const checkpoints: { step: number; file: string }[] = [];
    const hung = watched.run(request(stepTask({ steps: 12, prompt: 'hang at 9' })), {
      onCheckpoint: (checkpoint) => checkpoints.push(checkpoint),
    });
    const error = await failureOf(hung);
    expect(error.code).toBe('RESOURCE_ENGINE');
    expect(error.message).toMatch(
      /^the engine made no progress for \d+\.\d s in base, after step 9 of 12, and was killed;/,
    );
    expect(watched.pid).toBeNull();
    const [{ file, step } = { file: '', step: 0 }] = checkpoints.slice(-1);
    expect(step).toBe(8);
    await watched.run(request(stepTask({ steps: 12 }), { checkpointFile: file }));
    expect(await output()).toBe(whole);
    await watched.stop();
  });

  test('because somebody stopped its process is killed, too (C6)', async () => {
    const watched = newClient({ stall });
    let pid = 0;
    const job = watched.run(request(stepTask({ steps: 600 })), {
      onProgress: ({ done }) => {
        if (done === 4) process.kill((pid = watched.pid ?? 0), 'SIGSTOP');
      },
    });
    expect((await failureOf(job)).code).toBe('RESOURCE_ENGINE');
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(watched.silentMs).toBe(0);
  });

  test('because somebody stopped it while it was idle is replaced before the next job, which goes well (C7)', async () => {
    const watched = newClient({ stall });
    await watched.run(request(stepTask({ steps: 1 })));
    const pid = watched.pid ?? 0;
    process.kill(pid, 'SIGSTOP');
    await watched.run(request(stepTask({ steps: 1 })));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(watched.pid).not.toBe(pid);
    expect(logged.map(({ message }) => message)).toContain('the idle engine does not answer, is killed and replaced');
    const fresh = watched.pid;
    await watched.run(request(stepTask({ steps: 1 })));
    expect(watched.pid).toBe(fresh);
    await watched.stop();
  });

  test('before its first step is killed by the pace of former jobs (C6)', async () => {
    const watched = newClient({ stall: { unknownMs: 3_600_000, leastMs: 500, factor: 5 } });
    for (const seed of [1, 2]) await watched.run(request(stepTask({ seed, steps: 3 })));
    const error = await failureOf(watched.run(request(stepTask({ steps: 3, prompt: 'hang at 0' }))));
    expect(error.message).toMatch(
      /^the engine made no progress for 1\.\d s in base, before its first step, and was killed/,
    );
    await watched.stop();
  });

  test('and was left behind by a worker that is gone is killed by the next one', async () => {
    const worker = fork(fileURLToPath(new URL('./fixtures/engine-owner.ts', import.meta.url)), [dir], {
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const pid = await enginePidOf(worker);
    process.kill(pid, 'SIGSTOP');
    const living = fork(fileURLToPath(entry), [], { execArgv: ['--import', import.meta.resolve('tsx')] });
    const ended = once(worker, 'exit');
    worker.kill('SIGKILL');
    await ended;
    expect(alive(pid)).toBe(true);
    expect(await endOrphans(fileURLToPath(entry))).toBe(1);
    while (alive(pid)) await setTimeout(10);
    expect(alive(living.pid!)).toBe(true);
    living.kill('SIGKILL');
  });
});

describe('a pipeline that fails', () => {
  test('keeps its code and details', async () => {
    const error = await failureOf(engine.run(request(stepTask({ prompt: 'fail at 3' }))));
    expect(error.code).toBe('NUMERIC_INVALID');
    expect(error.details).toEqual({ step: 3 });
    await engine.run(request(stepTask({ steps: 1 })));
  });

  test('on a full disk has the code RESOURCE_DISK', async () => {
    const error = await failureOf(engine.run(request(stepTask({ prompt: 'throw at 0' }))));
    expect(error.code).toBe('RESOURCE_DISK');
  });

  test('for want of a package names the role', async () => {
    const error = await failureOf(engine.run(request(stepTask({ prompt: 'encode' }))));
    expect(error.code).toBe('MODEL_INVALID');
    expect(error.message).toContain('role text');
  });
});

describe('the check of the device', () => {
  test('goes well where the device computes, and leaves the engine for the next job', async () => {
    await engine.prove();
    const { pid } = engine;
    await engine.run(request(stepTask({ steps: 1 })));
    expect(engine.pid).toBe(pid);
  });

  test('names the device that cannot be used, and what to do', async () => {
    const client = newClient({ device: 'cuda:3' });
    try {
      const error = await failureOf(client.prove());
      expect(error.code).toBe('RESOURCE_ENGINE');
      expect(error.message).toMatch(/cuda:3: .*; add cpu to the list or repair the driver/);
    } finally {
      await client.stop();
    }
  });

  const preloaded = (what: string): NodeJS.ProcessEnv => {
    const preload = new URL('../harness/odd-device.mjs', import.meta.url);
    preload.searchParams.set('what', what);
    return { NODE_OPTIONS: `--import ${preload.href}` };
  };

  test('finds a device that computes wrong numbers', async () => {
    const client = newClient({ env: preloaded('wrong') });
    try {
      const error = await failureOf(client.prove());
      expect(error.code).toBe('RESOURCE_ENGINE');
      expect(error.message).toMatch(/cpu computes wrong numbers: element 5 of a known product is /);
    } finally {
      await client.stop();
    }
  });

  test('does not wait for a device that hangs as long as for a model that is opened (C6)', async () => {
    const client = newClient({ env: preloaded('hang'), stall: { leastMs: 500, unknownMs: 3_600_000, factor: 10 } });
    try {
      const error = await failureOf(client.prove());
      expect(error.code).toBe('RESOURCE_ENGINE');
      expect(error.message).toMatch(/no progress for .* in the check of the device/);
    } finally {
      await client.stop();
    }
  });
});

describe('a worker that is killed', () => {
  test('leaves no engine behind (E4)', async () => {
    const worker = fork(fileURLToPath(new URL('./fixtures/engine-owner.ts', import.meta.url)), [dir], {
      execArgv: ['--import', import.meta.resolve('tsx')],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const pid = await enginePidOf(worker);
    expect(alive(pid)).toBe(true);
    worker.kill('SIGKILL');
    while (alive(pid)) await setTimeout(10);
    expect((await readdir(dir)).filter((name) => name === 'output')).toEqual([]);
  });
});

async function enginePidOf(worker: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    worker.on('message', (message) => {
      resolve((message as { enginePid: number }).enginePid);
    });
  });
}
