import { describe, expect, test } from '@jest/globals';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { PipelineError } from '../errors/pipeline-error.ts';
import { asFailures, failureOf, failureType, lostArtifact } from './failure.ts';

const application = (type: string | undefined, details: unknown[] = [], cause?: Error): ApplicationFailure =>
  ApplicationFailure.create({
    message: 'words of it',
    details,
    ...(type === undefined ? {} : { type }),
    ...(cause === undefined ? {} : { cause }),
  });
/** As it reaches a story: thrown by an activity of a child. */
const wrapped = (root: Error | undefined): Error =>
  new ChildWorkflowFailure(
    'default',
    { workflowId: 'child', runId: 'run' },
    'shotWorkflow',
    'NON_RETRYABLE_FAILURE',
    new ActivityFailure('activity failed', 'any', undefined, 'NON_RETRYABLE_FAILURE', undefined, root),
  );
const timeout = new TimeoutFailure('too long', undefined, 'SCHEDULE_TO_CLOSE');

describe('a failure that crossed workflows', () => {
  test('has the code of the innermost application failure', () => {
    expect(failureType(wrapped(application('NUMERIC_INVALID')))).toBe('NUMERIC_INVALID');
    const deeper = application('RESOURCE_MEMORY', [], new Error('the library said so'));
    expect(failureType(application('INTERNAL', [], wrapped(deeper)))).toBe('RESOURCE_MEMORY');
    expect(failureType(wrapped(application(undefined)))).toBeNull();
  });

  test.each<[string, Error]>([
    ['a time-out', timeout],
    ['a cancellation', new CancelledFailure('stop')],
    ['a termination', new TerminatedFailure('killed')],
  ])('that is %s has none', (_what, root) => {
    expect(failureType(wrapped(root))).toBeNull();
  });

  test('that is no error at all has none', () => {
    expect(failureType('words')).toBeNull();
  });
});

describe('a lost artifact', () => {
  test.each(['ARTIFACT_MISSING', 'ARTIFACT_CORRUPT'])('is named by %s', (type) => {
    expect(lostArtifact(wrapped(application(type, [{ key: 'k' }])))).toBe('k');
  });

  test.each<[string, Error]>([
    ['a failure of another type', application('MODEL_CORRUPT', [{ key: 'k' }])],
    ['a failure without details', application('ARTIFACT_MISSING')],
    ['details without a key', application('ARTIFACT_MISSING', [{ file: 'k' }])],
    ['a key that is no text', application('ARTIFACT_MISSING', [{ key: 7 }])],
    ['details that are text', application('ARTIFACT_MISSING', ['key'])],
    ['details that are nothing', application('ARTIFACT_MISSING', [null])],
    ['a time-out', timeout],
  ])('is not named by %s', (_what, error) => {
    expect(lostArtifact(wrapped(error))).toBeNull();
  });

  test('is not named by a failure whose details are missing altogether', () => {
    const bare = ApplicationFailure.create({ message: 'gone', type: 'ARTIFACT_MISSING' });
    Object.assign(bare, { details: undefined });
    expect(lostArtifact(bare)).toBeNull();
    expect(failureOf('film', bare).details).toEqual([]);
  });
});

describe('the failure that a story ends with', () => {
  test('has the code, the details and the words of its root, and the item in front', () => {
    const error = wrapped(application('NUMERIC_INVALID', [{ step: 3 }]));
    const failure = failureOf('shot a', error);
    expect(failure).toMatchObject({ message: 'shot a: words of it', type: 'NUMERIC_INVALID', nonRetryable: true });
    expect(failure.details).toEqual([{ step: 3 }]);
    expect(failure.cause).toBe(error);
  });

  test.each<[string, Error]>([
    ['cancelled', new CancelledFailure('stop')],
    ['terminated', new TerminatedFailure('killed')],
  ])('says so when its workflow was %s by hand', (how, root) => {
    const failure = failureOf('shot a', wrapped(root));
    expect(failure).toMatchObject({ type: 'ITEM_STOPPED', details: [] });
    expect(failure.message).toContain(`its workflow was ${how} by hand`);
  });

  test.each<[string, unknown, string, string]>([
    ['a time-out wants engines', wrapped(timeout), 'RESOURCE_ENGINE', 'film: too long'],
    ['a bug is one', new TypeError('no such thing'), 'INTERNAL', 'film: no such thing'],
    ['what has no type is a bug', wrapped(application(undefined)), 'INTERNAL', 'film: words of it'],
    ['what is no error is a bug', 'words', 'INTERNAL', 'film: words'],
  ])('%s', (_what, error, type, message) => {
    expect(failureOf('film', error)).toMatchObject({ type, message });
  });
});

describe('code that speaks PipelineError', () => {
  test('fails as Temporal understands it, for good', () => {
    const fails = (): never => {
      throw new PipelineError('MODEL_INVALID', 'words', { details: { role: 'base' } });
    };
    expect(() => asFailures(fails)).toThrow(ApplicationFailure);
    let failure: unknown;
    try {
      asFailures(fails);
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject({ type: 'MODEL_INVALID', nonRetryable: true, details: [{ role: 'base' }] });
    expect(asFailures(() => 7)).toBe(7);
  });

  test('lets any other error pass as it is', () => {
    const bug = new TypeError('bug');
    expect(() =>
      asFailures(() => {
        throw bug;
      }),
    ).toThrow(bug);
  });
});
