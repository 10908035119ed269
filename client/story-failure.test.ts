import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { describe, expect, test } from '@jest/globals';
import { explainFailure, failureJson, failureLines } from './story-failure.ts';

const storyId = 'story-lighthouse-0123456789ab';

function storyFailed(root: Error): WorkflowFailedError {
  const activity = new ActivityFailure(
    'activity failed',
    'generateBaseClip',
    '1',
    'NON_RETRYABLE_FAILURE',
    undefined,
    root,
  );
  const execution = { workflowId: `${storyId}/two-words-89abcdef`, runId: 'run' };
  const child = new ChildWorkflowFailure('default', execution, 'shotWorkflow', 'NON_RETRYABLE_FAILURE', activity);
  const type = root instanceof ApplicationFailure ? (root.type ?? 'INTERNAL') : 'INTERNAL';
  const story = ApplicationFailure.create({ message: `shot two-words: ${root.message}`, type, cause: child });
  return new WorkflowFailedError('Workflow execution failed', story, 'NON_RETRYABLE_FAILURE');
}

describe('the explanation of a failure', () => {
  test('names item, stage, code, message and next step', () => {
    const failure = explainFailure(
      storyFailed(ApplicationFailure.nonRetryable('NaN in latents at step 3', 'NUMERIC_INVALID')),
    );
    expect(failure).toMatchObject({ kind: 'failed', item: 'two-words', stage: 'base', code: 'NUMERIC_INVALID' });
    expect(failureLines(failure, storyId)).toEqual([
      'failed: two-words, base',
      '  NUMERIC_INVALID: NaN in latents at step 3',
      '  next: it came out so on every worker that tried: `shotline reroll` the shot, or change guidance or steps',
    ]);
  });

  test('takes the innermost message, not the one that repeats it', () => {
    const failure = explainFailure(storyFailed(ApplicationFailure.nonRetryable('disk full', 'RESOURCE_DISK')));
    expect(failure.message).toBe('disk full');
  });

  test('a cancelled story is not a failed one', () => {
    const failure = explainFailure(
      new WorkflowFailedError('failed', new CancelledFailure('cancelled'), 'CANCEL_REQUESTED'),
    );
    expect(failure.kind).toBe('cancelled');
    expect(failureLines(failure, storyId)).toEqual([
      `cancelled: ${storyId}`,
      '  next: render again to go on: finished stages are kept',
    ]);
  });

  test('a shot that was cancelled by hand is a failed story, not a cancelled one', () => {
    const execution = { workflowId: `${storyId}/dawn-89abcdef`, runId: 'run' };
    const child = new ChildWorkflowFailure(
      'default',
      execution,
      'shotWorkflow',
      'NON_RETRYABLE_FAILURE',
      new CancelledFailure('cancelled'),
    );
    const message = 'shot dawn: its workflow was cancelled by hand';
    const story = ApplicationFailure.create({ message, type: 'ITEM_STOPPED', cause: child });
    const failure = explainFailure(new WorkflowFailedError('failed', story, 'NON_RETRYABLE_FAILURE'));
    expect(failure).toMatchObject({ kind: 'failed', item: 'dawn', code: 'ITEM_STOPPED', message });
  });

  test('a worker that fell silent is told from a bug', () => {
    const silent = new TimeoutFailure('activity Heartbeat timeout', undefined, 'HEARTBEAT');
    const activity = new ActivityFailure(
      'failed',
      'enhanceSegment',
      '1',
      'MAXIMUM_ATTEMPTS_REACHED',
      undefined,
      silent,
    );
    const failure = explainFailure(new WorkflowFailedError('failed', activity, 'MAXIMUM_ATTEMPTS_REACHED'));
    expect(failure).toMatchObject({ kind: 'timed-out', stage: 'segment', code: 'RESOURCE_ENGINE' });
    expect(failure.message).toContain('stopped reporting progress');
  });

  test('an unknown failure type is a bug of ours', () => {
    expect(explainFailure(storyFailed(ApplicationFailure.nonRetryable('boom', 'TypeError'))).code).toBe('INTERNAL');
  });

  test('goes to machines with the exit code', () => {
    const failure = explainFailure(storyFailed(ApplicationFailure.nonRetryable('disk full', 'RESOURCE_DISK')));
    expect(failureJson(failure, storyId, 4)).toEqual({
      workflowId: storyId,
      error: {
        code: 'RESOURCE_DISK',
        exitCode: 4,
        kind: 'failed',
        item: 'two-words',
        stage: 'base',
        message: 'disk full',
        nextStep: 'free space in the scratch folder of the worker (SHOTLINE_SCRATCH) and render again',
      },
    });
  });
});
