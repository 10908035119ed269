import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ActivityCancellationDetails, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import type { StageProgress, StageResult } from '../../story/plan/task-run.ts';
import { maxSetbacks } from '../../activities/stage/setbacks.ts';
import { createArtifactStore } from '../../storage/artifact-store.ts';
import { createCheckpointStore } from '../../storage/checkpoint-store.ts';
import { exampleModels } from '../fakes/example-models.ts';
import { stages } from '../../story/plan/stages.ts';
import { taskKey, taskOf } from '../../story/plan/task-key.ts';
import { type BaseTask, nameOf, type TransitionTask } from '../../story/plan/task.ts';
import { failureInterceptor } from '../../workers/failure-interceptor.ts';
import { engineConfigFromEnv, engineEnvironment } from '../../engine/config.ts';
import { EngineClient } from '../../engine/client/engine-client.ts';
import { engineMaker, type EngineMakerOptions } from '../../activities/stage/engine-maker.ts';
import { aloneAndWell } from '../../activities/stage/worker-health.ts';
import { createStageRunner } from '../../activities/stage/stage-runner.ts';
import type { StageRunner, StageRunnerOptions } from '../../activities/stage/stage-runner.ts';
import type { Maker } from '../../activities/stage/maker.ts';
import { PipelineError } from '../../errors/pipeline-error.ts';
import { FakeObjectStore } from '../fakes/fake-object-store.ts';
import { stepTask } from './fixtures/step-task.ts';

jest.setTimeout(60_000);

const context = { storyId: 'story-test', item: 'shot dawn' };
let engine: EngineClient;
let scratchRoot: string;
let objects: FakeObjectStore;
let runner: StageRunner;

/** What a test wants otherwise. */
type RunnerChanges = Partial<StageRunnerOptions & EngineMakerOptions['packages']>;

beforeAll(() => {
  engine = new EngineClient({
    entry: new URL('./fixtures/step-engine.ts', import.meta.url),
    env: engineEnvironment(engineConfigFromEnv({ SHOTLINE_THREADS: '1' })),
    cancelGraceMs: 10_000,
    log: () => undefined,
  });
});

afterAll(() => engine.stop());

beforeEach(async () => {
  scratchRoot = await mkdtemp(join(tmpdir(), 'shotline-scratch-'));
  objects = new FakeObjectStore();
  runner = createRunner();
});

function createRunner({ ensurePackage, ...options }: RunnerChanges = {}): StageRunner {
  return createStageRunner({
    artifacts: createArtifactStore(objects),
    checkpoints: createCheckpointStore(objects),
    make: engineMaker({
      engine,
      packages: { ensurePackage: ensurePackage ?? ((ref) => Promise.resolve(join('packages', ref.digest))) },
      checkpointEvery: 4,
    }),
    log: pino({ level: 'silent' }),
    scratchRoot,
    ...options,
  });
}

afterEach(async () => {
  expect(await readdir(scratchRoot)).toEqual([]);
  await rm(scratchRoot, { recursive: true, force: true });
});

interface Attempt {
  readonly number?: number;
  readonly heartbeatDetails?: StageProgress;
  readonly onBeat?: (progress: StageProgress, environment: MockActivityEnvironment) => void;
}

/** One attempt of the activity, as Temporal would run it; also gives back what it beat. */
function attempt(task: BaseTask | TransitionTask, { number = 1, heartbeatDetails, onBeat }: Attempt = {}) {
  const environment = new MockActivityEnvironment(
    { attempt: number, heartbeatDetails },
    { interceptors: [() => ({ inbound: failureInterceptor })], logger: new DefaultLogger('ERROR') },
  );
  const beats: StageProgress[] = [];
  environment.on('heartbeat', (progress: StageProgress) => {
    beats.push(progress);
    onBeat?.(progress, environment);
  });
  const result = environment.run<[], StageResult, () => Promise<StageResult>>(() => runner.run(task, context));
  return { result, beats, environment };
}

function recipeOf({ key: _, ...recipe }: BaseTask): Omit<BaseTask, 'key'> {
  return recipe;
}

const artifactOf = (task: BaseTask): string => objects.text(`artifacts/base/${task.key}.safetensors`);
const checkpoints = (): string[] => objects.keys('scratch/checkpoints/').map((key) => key.slice(-18));

async function failureOf(work: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApplicationFailure);
  return error as ApplicationFailure;
}

/** The artifact of an undisturbed run. */
async function undisturbed(task: BaseTask): Promise<string> {
  await attempt(task).result;
  const bytes = artifactOf(task);
  objects.objects.clear();
  return bytes;
}

describe('a stage task', () => {
  test('beats with each step and leaves an artifact and nothing else', async () => {
    const task = stepTask();
    const { result, beats } = attempt(task);
    const { artifact, cacheHit, busyMs, peakBytes, resumedFromStep } = await result;
    expect(artifact.key).toBe(task.key);
    expect({ cacheHit, resumedFromStep }).toEqual({ cacheHit: false, resumedFromStep: 0 });
    expect(busyMs).toBeGreaterThan(300);
    expect(peakBytes).toBeGreaterThan(0);
    expect(new Set(beats.map((beat) => beat.done))).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    expect(objects.keys()).toEqual([`artifacts/base/${task.key}.safetensors`]);
  });

  test('whose artifact exists is a cache hit and costs nothing (S1)', async () => {
    const first = await attempt(stepTask()).result;
    const second = await attempt(stepTask()).result;
    expect(second).toMatchObject({ artifact: first.artifact, cacheHit: true, busyMs: 0, peakBytes: 0 });
  });

  test('with a key that is not its hash is refused (S2)', async () => {
    const failure = await failureOf(attempt({ ...stepTask(), key: 'f'.repeat(64) }).result);
    expect(failure.type).toBe('INTERNAL');
    expect(objects.keys()).toEqual([]);
  });

  test('of another version of the stage is handed back to be taken by another worker (S2)', async () => {
    const other = { ...recipeOf(stepTask()), stageVersion: stages.base.version + 1 };
    const failure = await failureOf(attempt({ ...other, key: taskKey(other) }).result);
    expect(failure).toMatchObject({ type: 'RELEASE_MISMATCH', nonRetryable: false });
    expect(failure.message).toContain('this worker has version');
    expect(objects.keys()).toEqual([]);
  });

  test('of a release before commit 36f3371, which named inputs by their key alone, is handed back too, with the way out', async () => {
    const old = { ...stepTask(), inputs: ['a'.repeat(64)] } as unknown as BaseTask;
    const failure = await failureOf(attempt(old).result);
    expect(failure).toMatchObject({ type: 'RELEASE_MISMATCH', nonRetryable: false });
    expect(failure.message).toMatch(/before commit 36f3371.*shotline cancel --force/);
  });

  test('whose input is gone says which artifact must be made again (S6)', async () => {
    const lost = 'a'.repeat(64);
    const task = taskOf<TransitionTask>({
      stage: 'transition',
      params: { ...stepTask().params, known: 1 },
      inputs: [
        { stage: 'base', key: lost },
        { stage: 'base', key: lost },
      ],
      packages: {},
    });
    const failure = await failureOf(attempt(task).result);
    expect(failure).toMatchObject({ type: 'ARTIFACT_MISSING', nonRetryable: true, details: [{ key: lost }] });
  });
});

test('an input that no engine can use is deleted though its hash is right, and named (S6)', async () => {
  const before = stepTask({ seed: 1 });
  await attempt(before).result;
  const failure = await failureOf(
    attempt(taskOf<BaseTask>({ ...recipeOf(stepTask({ prompt: 'refuse' })), inputs: [nameOf(before)] })).result,
  );
  expect(failure).toMatchObject({ type: 'ARTIFACT_CORRUPT', details: [{ key: before.key }] });
  expect(objects.keys('artifacts/base/')).toEqual([]);
});

describe('an attempt that ends early', () => {
  test.each([
    ['a cancel', 'CANCELLED', new ActivityCancellationDetails({ cancelRequested: true })],
    ['a shutdown', 'WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true })],
    ['a pause', 'PAUSED', new ActivityCancellationDetails({ paused: true })],
  ] as const)(
    'by %s keeps its last step in S3, and the next one makes the same bytes (S3)',
    async (_, reason, details) => {
      const task = stepTask({ steps: 30 });
      const expected = await undisturbed(task);
      let cancelled = false;
      const { result } = attempt(task, {
        onBeat: ({ done }, environment) => {
          if (done !== 6 || cancelled) return;
          cancelled = true;
          environment.cancel(reason, details);
        },
      });
      await expect(result).rejects.toBeInstanceOf(CancelledFailure);
      expect(checkpoints().at(-1)).toMatch(/00000[6-8]\.safetensors/);

      const { resumedFromStep } = await attempt(task, { number: 2 }).result;
      expect(resumedFromStep).toBeGreaterThanOrEqual(6);
      expect(artifactOf(task)).toBe(expected);
      expect(checkpoints()).toEqual([]);
    },
  );

  test('by SIGKILL of its engine is retried from the last checkpoint', async () => {
    const task = stepTask({ steps: 12 });
    const expected = await undisturbed(task);
    let killed = false;
    const { result } = attempt(task, {
      onBeat: ({ done }) => {
        if (done !== 10 || killed) return;
        killed = true;
        process.kill(engine.pid ?? 0, 'SIGKILL');
      },
    });
    const failure = await failureOf(result);
    expect(failure).toMatchObject({ type: 'RESOURCE_ENGINE', nonRetryable: false });
    const { resumedFromStep } = await attempt(task, { number: 2 }).result;
    expect(resumedFromStep).toBe(8);
    expect(artifactOf(task)).toBe(expected);
  });

  test('goes on without checkpoints while the store refuses them', async () => {
    const task = stepTask();
    objects.failWrites = true;
    const { result } = attempt(task, {
      onBeat: ({ done }) => {
        if (done === 10) objects.failWrites = false;
      },
    });
    expect((await result).artifact.key).toBe(task.key);
  });

  test('while its inputs are fetched is a cancel and not a failure', async () => {
    const before = stepTask({ seed: 1 });
    await attempt(before).result;
    const task = taskOf<BaseTask>({ ...recipeOf(stepTask({ seed: 2 })), inputs: [nameOf(before)] });
    const get = objects.get.bind(objects);
    let fetched = 0;
    const { result, environment } = attempt(task);
    // The transfer has begun when the cancel comes, and goes on only as long as it is wanted.
    objects.get = async (key, signal) => {
      fetched += 1;
      environment.cancel();
      signal?.throwIfAborted();
      return get(key, signal);
    };
    await expect(result).rejects.toBeInstanceOf(CancelledFailure);
    expect(fetched).toBe(1);
    expect(objects.keys('artifacts/')).toEqual([`artifacts/base/${before.key}.safetensors`]);
  });

  test('when its artifact is made publishes it all the same (S4)', async () => {
    const task = stepTask();
    const { result, environment } = attempt(task);
    const putFile = objects.putFile.bind(objects);
    objects.putFile = (key, file, options) => {
      if (key.startsWith('artifacts/')) environment.cancel();
      return putFile(key, file, options);
    };
    expect(await result).toMatchObject({ cacheHit: false, artifact: { key: task.key } });
    expect(artifactOf(task)).toContain('shrink 0');
  });
});

describe('whoever makes the artifact', () => {
  const make: Maker = async ({ outputFile }, { onProgress }) => {
    onProgress({ unit: 'frame', done: 1, of: 1 });
    await writeFile(outputFile, 'made');
    return { busyMs: 1, resumedFromStep: 0, peakBytes: 0 };
  };

  test('it beats while the store is asked (S7)', async () => {
    runner = createRunner({ make });
    const head = objects.head.bind(objects);
    let isWaiting = true;
    let goOn = (): void => undefined;
    objects.head = async (key) => {
      if (isWaiting) await new Promise<void>((resolve) => (goOn = resolve));
      return head(key);
    };
    let beats = 0;
    const { result } = attempt(stepTask(), {
      onBeat: () => {
        beats += 1;
        if (beats < 3 || !isWaiting) return;
        isWaiting = false;
        goOn();
      },
    });
    expect(await result).toMatchObject({ cacheHit: false });
    expect(beats).toBeGreaterThanOrEqual(3);
  });

  test('a want of memory is a setback, and the last of them is final (S7)', async () => {
    runner = createRunner({
      make: () => Promise.reject(new PipelineError('RESOURCE_MEMORY', 'too much')),
    });
    const heartbeatDetails = { unit: 'frame', done: 0, of: 1, setbacks: maxSetbacks - 2 } as const;
    const first = attempt(stepTask(), { heartbeatDetails });
    expect(await failureOf(first.result)).toMatchObject({ type: 'RESOURCE_MEMORY', nonRetryable: false });
    expect(first.beats.at(-1)).toMatchObject({ setbacks: maxSetbacks - 1, shrink: 1 });
    const second = attempt(stepTask(), { number: 2, heartbeatDetails: first.beats.at(-1)! });
    expect(await failureOf(second.result)).toMatchObject({ type: 'RESOURCE_MEMORY', nonRetryable: true });
  });

  test('a failure leaves no scratch folder behind, and no artifact (S5)', async () => {
    runner = createRunner({
      make: async ({ outputFile }) => {
        await writeFile(outputFile, 'half');
        throw new PipelineError('NUMERIC_INVALID', 'NaN');
      },
    });
    expect((await failureOf(attempt(stepTask()).result)).type).toBe('NUMERIC_INVALID');
    expect(await readdir(scratchRoot)).toEqual([]);
    expect(objects.keys()).toEqual([]);
  });

  test.each(['ARTIFACT_CORRUPT', 'MEDIA_FAILED'] as const)(
    'an input that it blames by %s is deleted, named and spared when another is there by then (S6)',
    async (code) => {
      const before = stepTask({ seed: 1 });
      const task = taskOf<BaseTask>({ ...recipeOf(stepTask()), inputs: [nameOf(before)] });
      const objectKey = `artifacts/base/${before.key}.safetensors`;
      const blame: Maker = ({ inputFiles: [file] }) =>
        Promise.reject(new PipelineError(code, 'no clip', { details: { file } }));
      await objects.putBytes(objectKey, Buffer.from('bad'), { contentType: 'x/y' });
      runner = createRunner({ make: blame });
      const failure = await failureOf(attempt(task).result);
      expect(failure).toMatchObject({ type: 'ARTIFACT_CORRUPT', details: [{ key: before.key }] });
      expect(objects.keys()).toEqual([]);

      await objects.putBytes(objectKey, Buffer.from('bad'), { contentType: 'x/y' });
      runner = createRunner({
        make: async (job, hooks) => {
          await objects.putBytes(objectKey, Buffer.from('repaired'), { contentType: 'x/y' });
          return blame(job, hooks);
        },
      });
      await failureOf(attempt(task).result);
      expect(objects.text(objectKey)).toBe('repaired');
    },
  );
});

test('a cancel does not wait for a package that is on its way', async () => {
  const task = stepTask({}, { base: exampleModels.packages.base! });
  runner = createRunner({ ensurePackage: () => new Promise(() => undefined) });
  const { result } = attempt(task, {
    onBeat: (_progress, environment) => {
      environment.cancel();
    },
  });
  await expect(result).rejects.toBeInstanceOf(CancelledFailure);
});

describe('a failure', () => {
  test('of memory asks the next attempt to use less, and its result says so', async () => {
    const task = stepTask({ prompt: 'abort at 1' });
    const first = attempt(task);
    expect((await failureOf(first.result)).type).toBe('RESOURCE_MEMORY');
    expect(first.beats.at(-1)).toMatchObject({ shrink: 1 });

    const again = stepTask({ steps: 1 });
    const second = attempt(again, { number: 2, heartbeatDetails: { unit: 'step', done: 1, of: 10, shrink: 1 } });
    expect(await second.result).toMatchObject({ shrink: 1, attempt: 2 });
    expect(artifactOf(again)).toContain('shrink 1');
  });

  test('of memory is remembered, and the next task begins smaller', async () => {
    const levels = new Map<string, number>();
    runner = createRunner({
      memoryLevels: {
        of: (stage) => levels.get(stage) ?? 0,
        ranOut: (stage, next) => Promise.resolve(void levels.set(stage, next)),
      },
    });
    expect((await failureOf(attempt(stepTask({ prompt: 'abort at 1' })).result)).type).toBe('RESOURCE_MEMORY');
    expect(levels).toEqual(new Map([['base', 1]]));
    const next = stepTask({ steps: 1 });
    expect(await attempt(next).result).toMatchObject({ shrink: 1, attempt: 1 });
    expect(artifactOf(next)).toContain('shrink 1');
  });

  test('of the engine is final after too many setbacks, which attempts hand on by their heartbeats', async () => {
    const task = stepTask({ prompt: 'exit at 0' });
    const failedOn = { 'the only worker': maxSetbacks - 2 };
    const first = attempt(task, { heartbeatDetails: { unit: 'step', done: 0, of: 10, failedOn } });
    expect(await failureOf(first.result)).toMatchObject({ type: 'RESOURCE_ENGINE', nonRetryable: false });
    const second = attempt(task, { number: 2, heartbeatDetails: first.beats.at(-1)! });
    expect(await failureOf(second.result)).toMatchObject({ type: 'RESOURCE_ENGINE', nonRetryable: true });
    expect(second.beats.at(-1)).toMatchObject({ failedOn: { 'the only worker': maxSetbacks } });
  });

  test('that the worker finds to be its own is not counted, and says so', async () => {
    const faultOf = (): Promise<string> => Promise.resolve('no cuda provider');
    runner = createRunner({ health: { ...aloneAndWell, worker: 'sick', faultOf } });
    const { result, beats } = attempt(stepTask({ prompt: 'fail at 0' }));
    const failure = await failureOf(result);
    expect(failure).toMatchObject({ type: 'WORKER_UNFIT', nonRetryable: false });
    expect(failure.message).toMatch(/step 0 has NaN.*worker sick.*no cuda provider/);
    expect(beats.at(-1)).not.toHaveProperty('failedOn');
  });

  test('on a worker among others is tried by another, and left to it by the one that failed', async () => {
    const peers = (): Promise<readonly string[]> => Promise.resolve(['sick', 'well']);
    const left: number[] = [];
    const sick = { ...aloneAndWell, worker: 'sick', peers, left: (forMs: number) => void left.push(forMs) };
    runner = createRunner({ health: sick });
    const task = stepTask({ prompt: 'fail at 0' });
    const first = attempt(task);
    expect(await failureOf(first.result)).toMatchObject({ type: 'NUMERIC_INVALID', nonRetryable: false });
    expect(first.beats.at(-1)).toMatchObject({ failedOn: { sick: 1 } });

    const again = attempt(task, { number: 2, heartbeatDetails: first.beats.at(-1)! });
    expect(await failureOf(again.result)).toMatchObject({ type: 'WORKER_UNFIT', nextRetryDelay: 1000 });
    expect(again.beats.at(-1)).toMatchObject({ failedOn: { sick: 1 }, leftTo: 1 });
    expect(left).toEqual([1000]);

    runner = createRunner({ health: { ...sick, worker: 'well' } });
    const other = attempt(task, { number: 3, heartbeatDetails: again.beats.at(-1)! });
    expect(await failureOf(other.result)).toMatchObject({ type: 'NUMERIC_INVALID', nonRetryable: true });
  });

  test('that no other worker can cure is not to be retried and keeps its details', async () => {
    const failure = await failureOf(attempt(stepTask({ prompt: 'fail at 3' })).result);
    expect(failure).toMatchObject({ type: 'NUMERIC_INVALID', nonRetryable: true, details: [{ step: 3 }] });
  });

  test('of the disk can be retried', async () => {
    const failure = await failureOf(attempt(stepTask({ prompt: 'throw at 0' })).result);
    expect(failure).toMatchObject({ type: 'RESOURCE_DISK', nonRetryable: false });
  });

  test('that is a bug, after a resume, drops the checkpoint it may come from', async () => {
    const task = stepTask();
    const file = join(tmpdir(), `not-a-checkpoint-${String(process.pid)}`);
    await writeFile(file, 'not JSON');
    await createCheckpointStore(objects).save(task.key, 4, file);
    await rm(file);
    expect((await failureOf(attempt(task).result)).type).toBe('INTERNAL');
    expect(checkpoints()).toEqual([]);
    expect((await attempt(task, { number: 2 }).result).resumedFromStep).toBe(0);
  });
});
