import { describe, expect, test } from '@jest/globals';
import { ActivityFailure, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { madeInputs } from '../story/plan/task.ts';
import type { StageResult } from '../story/plan/task-run.ts';
import type { PlannedTask } from '../story/plan/plan.ts';
import { exampleModels } from '../test/fakes/example-models.ts';
import { exampleJoin, exampleStory } from '../test/fakes/example-story.ts';
import { planMadeStory } from '../story/plan/plan-story.ts';
import { tasksOf } from '../story/plan/task-list.ts';
import { remakesPerArtifact } from './stages.ts';
import { createTaskRunner } from './task-runner.ts';

const plan = planMadeStory(exampleStory([exampleJoin]), exampleModels);
const { base, interp, segments } = plan.shots[0]!;

function failed(type: string, details: unknown[] = []): ActivityFailure {
  const cause = ApplicationFailure.create({ type, message: type, details });
  return new ActivityFailure('activity failed', 'any', undefined, 'NON_RETRYABLE_FAILURE', undefined, cause);
}

/** A store whose stages miss what is not in it, and a runner over it. */
function openStore(present: readonly string[], known: readonly string[] = present) {
  const store = new Set(present);
  const performed: string[] = [];
  const failures: Error[] = [];
  const perform = async ({ task }: PlannedTask): Promise<StageResult> => {
    await Promise.resolve();
    performed.push(task.stage);
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    const lost = madeInputs(task).find((key) => !store.has(key));
    if (lost !== undefined) throw failed('ARTIFACT_MISSING', [{ key: lost }]);
    store.add(task.key);
    const artifact = { key: task.key, sha256: '', bytes: 0 };
    return {
      artifact,
      cacheHit: false,
      startedMs: 0,
      endedMs: 0,
      busyMs: 0,
      resumedFromStep: 0,
      attempt: 1,
      peakBytes: 0,
    };
  };
  const ignore = (): void => undefined;
  const runner = createTaskRunner({ tasks: tasksOf(plan), known, perform, onBegin: ignore, onEnd: ignore });
  return { runner, store, performed, failures };
}

describe('a task runner', () => {
  test('does not run a task whose artifact is known (T1)', async () => {
    const { runner, performed } = openStore([base.key]);
    await runner.ensureArtifact(base.key);
    expect(performed).toEqual([]);
  });

  test('makes lost inputs again, and theirs, before it tries once more (T2)', async () => {
    const { runner, performed } = openStore([], [base.key, interp.key]);
    await runner.ensureArtifact(segments[0]!.key);
    expect(performed).toEqual(['segment', 'interp', 'base', 'interp', 'segment']);
  });

  test('makes an artifact again once for all who miss it at the same time (T3)', async () => {
    const { runner, performed } = openStore([base.key], [base.key, interp.key]);
    await Promise.all(segments.map((segment) => runner.ensureArtifact(segment.key)));
    expect(performed.filter((stage) => stage === 'interp')).toHaveLength(1);
    expect(performed.filter((stage) => stage === 'segment')).toHaveLength(2 * segments.length);
  });

  test('gives up on an artifact that is lost again and again (T4)', async () => {
    const { runner } = openStore([base.key]);
    let numReads = 0;
    const reading = runner.withArtifacts([base.key], () => {
      numReads += 1;
      return Promise.reject(failed('ARTIFACT_CORRUPT', [{ key: base.key }]));
    });
    await expect(reading).rejects.toMatchObject({ cause: { type: 'ARTIFACT_CORRUPT' } });
    expect(numReads).toBe(remakesPerArtifact + 1);
  });

  test('repairs inputs only (T2)', async () => {
    const { runner, performed } = openStore([base.key]);
    const reading = runner.withArtifacts([], () => Promise.reject(failed('ARTIFACT_MISSING', [{ key: base.key }])));
    await expect(reading).rejects.toMatchObject({ cause: { type: 'ARTIFACT_MISSING' } });
    expect(performed).toEqual([]);
  });

  test.each([
    ['MEDIA_FAILED', 2],
    ['INTERNAL', 3],
    ['NUMERIC_INVALID', 1],
  ])('tries %s %i times in all', async (type, numAttempts) => {
    const { runner, performed, failures } = openStore([]);
    failures.push(...Array.from({ length: 5 }, () => failed(type)));
    await expect(runner.ensureArtifact(base.key)).rejects.toMatchObject({ cause: { type } });
    expect(performed).toHaveLength(numAttempts);
  });

  test('says when it was given too few tasks for an artifact', async () => {
    const { runner, performed } = openStore([]);
    await expect(runner.ensureArtifact('f'.repeat(64))).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining('f'.repeat(64)) as unknown,
    });
    expect(performed).toEqual([]);
  });

  test('hands on what is no lost artifact as it is', async () => {
    const { runner, performed } = openStore([base.key]);
    const error = new Error('something else');
    await expect(runner.withArtifacts([base.key], () => Promise.reject(error))).rejects.toBe(error);
    const foreign = failed('ARTIFACT_MISSING', [{ key: 'f'.repeat(64) }]);
    await expect(runner.withArtifacts(['f'.repeat(64)], () => Promise.reject(foreign))).rejects.toBe(foreign);
    expect(performed).toEqual([]);
  });

  test('lets a cancellation pass', async () => {
    const { runner, performed, failures } = openStore([]);
    const cancelled = new CancelledFailure('cancelled');
    failures.push(cancelled);
    await expect(runner.ensureArtifact(base.key)).rejects.toBe(cancelled);
    expect(performed).toHaveLength(1);
  });
});
