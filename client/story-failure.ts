import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { isErrorCode } from '../errors/pipeline-error.ts';
import type { ErrorCode } from '../errors/pipeline-error.ts';
import { causes } from '../errors/error-causes.ts';
import { nextStepFor } from './next-steps.ts';
import { liveWorkOf } from './story-snapshot.ts';
import type { LiveWork } from './story-snapshot.ts';

/** Why a story ended without a film, in the words of the creator. */
export interface StoryFailure {
  readonly kind: 'failed' | 'cancelled' | 'terminated' | 'timed-out';
  /** `dawn`, `dawn+storm`, or `null` when the story as a whole failed. */
  readonly item: string | null;
  readonly stage: LiveWork | null;
  readonly code: ErrorCode;
  readonly message: string;
  readonly nextStep: string;
}

/**
 * Reads the chain of causes that Temporal hands back: child workflow, activity, application failure. The innermost
 * application failure says what happened, the outer links say where.
 */
export function explainFailure(error: unknown): StoryFailure {
  let item: string | null = null;
  let stage: LiveWork | null = null;
  let code: ErrorCode | null = null;
  let message: string | null = null;
  let kind: StoryFailure['kind'] = 'failed';
  for (const link of causes(error)) {
    if (link instanceof ChildWorkflowFailure) item = itemOfChild(link.execution.workflowId ?? '') ?? item;
    else if (link instanceof ActivityFailure) stage = liveWorkOf(link.activityType) ?? stage;
    // Inside a failure with a code these only say what was done to an item.
    else if (link instanceof CancelledFailure && code === null) kind = 'cancelled';
    else if (link instanceof TerminatedFailure && code === null) kind = 'terminated';
    else if (link instanceof TimeoutFailure) {
      kind = 'timed-out';
      message = timeoutMessage(link);
    } else if (link instanceof ApplicationFailure) {
      kind = 'failed';
      if (typeof link.type === 'string' && isErrorCode(link.type)) code = link.type;
      // An outer failure may only repeat the inner one; the innermost message is the one that was measured.
      if (link.message !== '') message = link.message;
    }
  }
  const known = code ?? (kind === 'timed-out' ? 'RESOURCE_ENGINE' : 'INTERNAL');
  return {
    kind,
    item,
    stage,
    code: known,
    message: message ?? firstMessage(error),
    nextStep: kind === 'cancelled' ? 'render again to go on: finished stages are kept' : nextStepFor(known),
  };
}

/** The failure as lines for a person. */
export function failureLines(failure: StoryFailure, storyId: string): string[] {
  if (failure.kind === 'cancelled') return [`cancelled: ${storyId}`, `  next: ${failure.nextStep}`];
  const where = [failure.item, failure.stage].filter((part) => part !== null).join(', ');
  return [
    `${failure.kind === 'failed' ? 'failed' : failure.kind.replace('-', ' ')}: ${where === '' ? storyId : where}`,
    `  ${failure.code}: ${failure.message}`,
    `  next: ${failure.nextStep}`,
  ];
}

/** The failure for machines: the one object on stdout. */
export function failureJson(failure: StoryFailure, storyId: string, exitCode: number): object {
  const { kind, item, stage, code, message, nextStep } = failure;
  return {
    workflowId: storyId,
    error: { code: kind === 'cancelled' ? 'CANCELLED' : code, exitCode, kind, item, stage, message, nextStep },
  };
}

/** `<story id>/<item id>-<8 hex digits>` is how the story names its children. */
function itemOfChild(workflowId: string): string | null {
  return /\/(?<item>.+)-[0-9a-f]{8}$/.exec(workflowId)?.groups?.['item'] ?? null;
}

function timeoutMessage(failure: TimeoutFailure): string {
  switch (failure.timeoutType) {
    case 'HEARTBEAT':
      return 'the worker stopped reporting progress and no other worker could finish the stage';
    case 'SCHEDULE_TO_START':
      return 'no worker took the stage from its queue in time';
    default:
      return `the stage took longer than it may (${failure.timeoutType ?? 'unspecified'})`;
  }
}

function firstMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
