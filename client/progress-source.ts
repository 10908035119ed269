import { defaultPayloadConverter } from '@temporalio/common';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { z } from 'zod';
import type { StageProgress } from '../story/plan/task-run.ts';
import type { StoryStatus } from '../workflows/contracts.ts';
import { liveWorkOf } from './story-snapshot.ts';
import type { LiveActivity, StorySnapshot } from './story-snapshot.ts';
import type { StoryHandle } from './story-client.ts';

/**
 * Asks Temporal how a story is: the workflow's own status, and from the pending activities of its children what a query
 * cannot know, because heartbeats write no history: steps, attempts and last failures.
 */
export async function fetchSnapshot(client: Client, story: StoryHandle): Promise<StorySnapshot> {
  const status = await story.status();
  const found = await Promise.all(
    workingItems(status).map(async ({ item, workflowId }) => {
      const activities = await pendingActivities(client, workflowId);
      return [item, activities] as const;
    }),
  );
  return { status, activities: new Map(found.filter(([, activities]) => activities.length > 0)) };
}

/** The workflows that can have pending activities: children with an open stage, and the story itself for sound and film. */
export function workingItems(status: StoryStatus): { item: string; workflowId: string }[] {
  return status.items.flatMap(({ item, kind, stages, childId }) => {
    if (!stages.some(({ state }) => state === 'running')) return [];
    const workflowId = kind === 'film' || kind === 'sound' ? status.storyId : childId;
    return workflowId === null ? [] : [{ item, workflowId }];
  });
}

async function pendingActivities(client: Client, workflowId: string): Promise<LiveActivity[]> {
  try {
    return liveActivities(await client.workflow.getHandle(workflowId).describe());
  } catch {
    // A child may be over between the two questions, and its bars are decoration: the status stands without them.
    return [];
  }
}

type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

/** The pending activities of one workflow that do work for a story. */
export function liveActivities(description: Pick<WorkflowExecutionDescription, 'raw'>): LiveActivity[] {
  return (description.raw.pendingActivities ?? []).flatMap((pending) => {
    const work = liveWorkOf(pending.activityType?.name ?? '');
    return work === null ? [] : [liveActivity(work, pending)];
  });
}

/** `PENDING_ACTIVITY_STATE_STARTED` of temporal/api/enums/v1/workflow.proto; the enum is no part of the client's exports. */
const stateStarted = 2;

function liveActivity(work: LiveActivity['work'], pending: PendingActivity): LiveActivity {
  return {
    work,
    queue: pending.activityOptions?.taskQueue?.name ?? '',
    started: Number(pending.state) === stateStarted,
    attempt: pending.attempt ?? 1,
    progress: progressOf(pending),
    lastFailure: pending.lastFailure?.message ?? null,
  };
}

const progressSchema = z.object({
  unit: z.enum(['step', 'frame']),
  done: z.number().nonnegative(),
  of: z.number().nonnegative(),
});

/** Heartbeats come from another process, perhaps of another version: what does not look like progress is none. */
function progressOf(pending: PendingActivity): StageProgress | null {
  const payload = pending.heartbeatDetails?.payloads?.[0];
  if (payload === undefined) return null;
  const parsed = progressSchema.safeParse(defaultPayloadConverter.fromPayload(payload));
  return parsed.success ? parsed.data : null;
}
