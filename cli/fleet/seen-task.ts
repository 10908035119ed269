import { defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowExecutionDescription } from '@temporalio/client';
import { z } from 'zod';
import { liveWorkOf } from '../../client/story-snapshot.ts';
import type { LiveWork } from '../../client/story-snapshot.ts';
import { workerOf } from '../../workers/identity.ts';

/** A task under way, as Temporal tells of it from outside. Times are Unix milliseconds. */
export interface SeenTask {
  /** Workflow that asked for it: a shot, a join, a gate, or the story itself. */
  readonly workflowId: string;
  readonly work: LiveWork;
  /** Task queue; empty when the server does not say. */
  readonly queue: string;
  /** `runs` on its worker, `waits` in its queue, `rests` after a failure until its next attempt. */
  readonly state: 'runs' | 'waits' | 'rests';
  /** 1 for the first. */
  readonly attempt: number;
  /** Who has it, or had it last; `null` when nobody did. */
  readonly worker: string | null;
  /** When the attempt began, or when it was put into its queue. */
  readonly sinceMs: number | null;
  /** When its worker last gave a sign of life. */
  readonly beatMs: number | null;
  /** When the next attempt is due; `null` unless it rests. */
  readonly nextMs: number | null;
  readonly progress: { readonly done: number; readonly of: number; readonly unit: string } | null;
  /** Why the attempt before ended; `null` on the first. */
  readonly failure: { readonly code: string; readonly message: string } | null;
}

type Pending = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

/** `PENDING_ACTIVITY_STATE_STARTED` and `…CANCEL_REQUESTED`; the enum is no part of the client's exports. */
const atWork: ReadonlySet<number> = new Set([2, 3]);

/** The tasks that a workflow waits for. */
export function seenTasks(
  workflowId: string,
  { raw }: Pick<WorkflowExecutionDescription, 'raw'>,
  nowMs: number,
): readonly SeenTask[] {
  return (raw.pendingActivities ?? []).flatMap((pending) => {
    const work = liveWorkOf(pending.activityType?.name ?? '');
    return work === null ? [] : [seenTask(workflowId, work, pending, nowMs)];
  });
}

function seenTask(workflowId: string, work: LiveWork, pending: Pending, nowMs: number): SeenTask {
  const nextMs = millisOf(pending.nextAttemptScheduleTime) ?? millisOf(pending.scheduledTime);
  const runs = atWork.has(Number(pending.state));
  const rests = !runs && nextMs !== null && nextMs > nowMs;
  const failure = pending.lastFailure;
  const identity = pending.lastWorkerIdentity ?? '';
  return {
    workflowId,
    work,
    queue: pending.activityOptions?.taskQueue?.name ?? '',
    state: runs ? 'runs' : rests ? 'rests' : 'waits',
    attempt: pending.attempt ?? 1,
    worker: identity === '' ? null : workerOf(identity),
    sinceMs: runs ? millisOf(pending.lastStartedTime) : nextMs,
    beatMs: millisOf(pending.lastHeartbeatTime),
    nextMs: rests ? nextMs : null,
    progress: progressOf(pending),
    failure:
      failure == null
        ? null
        : {
            code: failure.applicationFailureInfo?.type ?? failure.cause?.applicationFailureInfo?.type ?? 'lost',
            message: failure.message ?? '',
          },
  };
}

function millisOf(time: { readonly seconds?: unknown; readonly nanos?: unknown } | null | undefined): number | null {
  if (time == null) return null;
  const ms = Number(time.seconds ?? 0) * 1000 + Math.floor(Number(time.nanos ?? 0) / 1e6);
  return ms === 0 ? null : ms;
}

const progressSchema = z.object({ unit: z.string(), done: z.number().nonnegative(), of: z.number().positive() });

/** What comes from another process, perhaps of another version, is progress when it looks like it. */
function progressOf({ heartbeatDetails }: Pending): SeenTask['progress'] {
  const [payload] = heartbeatDetails?.payloads ?? [];
  if (payload === undefined) return null;
  try {
    const parsed = progressSchema.safeParse(defaultPayloadConverter.fromPayload(payload));
    return parsed.success ? parsed.data : null;
  } catch {
    // Written by a codec that this command does not have.
    return null;
  }
}
