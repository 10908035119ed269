import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { CancellationScope, ParentClosePolicy, WorkflowIdReusePolicy, sleep, startChild } from '@temporalio/workflow';
import type { ChildWorkflowHandle } from '@temporalio/workflow';
import type { JoinPlan, ShotPlan } from '../story/plan/plan.ts';
import { jsonBytes } from '../story/plan/story-size.ts';
import { itemDetails, itemSummary } from './captions.ts';
import type { ItemInput } from './contracts.ts';
import { joinWorkflow, shotWorkflow } from './item.ts';
import { createTurnstile } from './turnstile.ts';
import type { Turnstile } from './turnstile.ts';

/** The child of a shot or join. */
export type ItemHandle = ChildWorkflowHandle<typeof shotWorkflow | typeof joinWorkflow>;

/**
 * How long to wait, in seconds, for a child with the same id to end. It can only be a leftover of a run of this story that
 * was terminated: its cancelled activities still confirm, at the latest when their heartbeat time-out has passed.
 */
const patienceSeconds = [1, 2, 4, 8, 16, 30, 30, 30];

/**
 * Bytes of children's inputs that a workflow asks for at once: all that one workflow task asks for goes to the server in one
 * message, which holds 4 MiB.
 */
const startBytes = 2_000_000;

/** The turnstile that the children of one story pass when they are started. */
export const createStarts = (): Turnstile => createTurnstile(startBytes);

/** Starts the child that makes an item. */
export async function startItem(
  workflowId: string,
  { plan, ...input }: ItemInput<ShotPlan | JoinPlan>,
  starts: Turnstile,
): Promise<ItemHandle> {
  const options = {
    workflowId,
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    // A terminated story must still free its pools.
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: itemSummary(plan),
    staticDetails: itemDetails(plan, input.storyId),
  };
  return starts(jsonBytes({ ...input, plan }), () =>
    startPatiently<ItemHandle>(`${plan.kind} ${plan.id}`, () =>
      plan.kind === 'shot'
        ? startChild(shotWorkflow, { ...options, args: [{ ...input, plan }] })
        : startChild(joinWorkflow, { ...options, args: [{ ...input, plan }] }),
    ),
  );
}

/**
 * Starts a child, and waits while a leftover with its id is being cancelled. A cancel of the caller's scope reaches the child
 * whenever it comes: before the start, while the server starts it, or later.
 */
export async function startPatiently<Handle>(what: string, start: () => Promise<Handle>): Promise<Handle> {
  for (const seconds of patienceSeconds) {
    try {
      return await startCancellable(start);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await sleep(seconds * 1000, { summary: `an earlier ${what} is being cancelled` });
    }
  }
  return startCancellable(start);
}

/**
 * A child that is being started does not exist yet: the server answers a request to cancel it with "not found", starts it
 * afterwards, and nobody would ask again. So the start is shielded, and the cancel is sent once there is a child that hears it.
 */
async function startCancellable<Handle>(start: () => Promise<Handle>): Promise<Handle> {
  const caller = CancellationScope.current();
  if (caller.consideredCancelled) await caller.cancelRequested;
  const shield = new CancellationScope({ cancellable: false });
  const life = new CancellationScope({ cancellable: true, parent: shield });
  const started = life.run(start);
  caller.cancelRequested.catch(async () => {
    await started.catch(() => undefined);
    life.cancel();
  });
  return started;
}
