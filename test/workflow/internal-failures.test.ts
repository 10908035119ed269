import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { expect, test } from '@jest/globals';
import type { gateWorkflow } from '../../workflows/gate.ts';
import { describeFarm } from './describe-farm.ts';

/** How a workflow ended that must not succeed. */
async function failureOf(ending: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await ending.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof WorkflowFailedError)) throw new Error('the workflow did not fail', { cause: error });
  expect(error.cause).toBeInstanceOf(ApplicationFailure);
  return error.cause as ApplicationFailure;
}

describeFarm('what our own code finds wrong', (farm) => {
  test('fails the workflow with its code, and does not block it', async () => {
    const { client, queues } = farm();
    const gate = { least: { subject_consistency: 0.9 }, retries: 0 };
    const failure = await failureOf(
      client.workflow.execute<typeof gateWorkflow>('gateWorkflow', {
        workflowId: `gate-${randomUUID()}`,
        taskQueue: `${queues}-edit`,
        args: [{ shot: 'shot-0', gate, takes: [], storyId: 'story', tenant: null, producers: [], known: [] }],
      }),
    );
    expect(failure).toMatchObject({
      type: 'INTERNAL',
      nonRetryable: true,
      message: 'shot shot-0 has no take to decide about',
    });
  });
});
