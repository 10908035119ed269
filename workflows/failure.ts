import { ApplicationFailure, CancelledFailure, TerminatedFailure, TimeoutFailure } from '@temporalio/common';
import type { LostArtifact } from '../story/plan/task-run.ts';
import { PipelineError } from '../errors/pipeline-error.ts';
import type { ErrorCode } from '../errors/pipeline-error.ts';

/**
 * What stands at the root of a failure that crossed workflows and activities, each of which wrapped it: the innermost
 * application failure, or else the innermost cause (a time-out, a termination).
 */
function rootFailure(error: unknown): Error {
  const chain: Error[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) chain.push(cause);
  const root = chain.findLast((cause) => cause instanceof ApplicationFailure) ?? chain.at(-1);
  return root ?? new Error(String(error));
}

/** Code of the failure at the root; `null` for what has none: cancellations, time-outs, terminations. */
export function failureType(error: unknown): string | null {
  const root = rootFailure(error);
  return root instanceof ApplicationFailure ? (root.type ?? null) : null;
}

/** Key of the artifact that a stage could not read, when that is why it failed. */
export function lostArtifact(error: unknown): string | null {
  const type = failureType(error);
  if (type !== 'ARTIFACT_MISSING' && type !== 'ARTIFACT_CORRUPT') return null;
  const root = rootFailure(error);
  const detail: unknown = root instanceof ApplicationFailure ? root.details?.[0] : undefined;
  return isLostArtifact(detail) ? detail.key : null;
}

/** The failure that a story ends with: the root's code, details and message, with the item in front. */
export function failureOf(item: string, error: unknown): ApplicationFailure {
  const root = rootFailure(error);
  const details = root instanceof ApplicationFailure ? (root.details ?? []) : [];
  return ApplicationFailure.create({
    message: `${item}: ${messageOf(root)}`,
    type: codeOf(root),
    nonRetryable: true,
    details,
    ...(error instanceof Error ? { cause: error } : {}),
  });
}

/** Only the story cancels its children, and it does not ask how those end. */
function isStop(root: Error): boolean {
  return root instanceof CancelledFailure || root instanceof TerminatedFailure;
}

function codeOf(root: Error): string {
  if (root instanceof ApplicationFailure) return root.type ?? 'INTERNAL';
  if (root instanceof PipelineError) return root.code;
  if (isStop(root)) return 'ITEM_STOPPED' satisfies ErrorCode;
  // What nobody finished in days is a want of working engines.
  if (root instanceof TimeoutFailure) return 'RESOURCE_ENGINE' satisfies ErrorCode;
  return 'INTERNAL' satisfies ErrorCode;
}

function messageOf(root: Error): string {
  if (!isStop(root)) return root.message;
  const how = root instanceof CancelledFailure ? 'cancelled' : 'terminated';
  return `its workflow was ${how} by hand, and a film lacks no part; to go on render the story again, to stop it cancel the story`;
}

/**
 * A `PipelineError` as Temporal understands it; anything else as it is. An error that is not Temporal's own is a bug to it,
 * and blocks the workflow until a new version is deployed.
 */
export function asFailure(error: unknown): Error {
  if (error instanceof PipelineError) return ApplicationFailure.nonRetryable(error.message, error.code, error.details);
  return error instanceof Error ? error : new Error(String(error));
}

/** Runs the code of an update that may throw `PipelineError`; see {@link asFailure}. */
export function asFailures<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asFailure(error);
  }
}

function isLostArtifact(detail: unknown): detail is LostArtifact {
  return typeof detail === 'object' && detail !== null && 'key' in detail && typeof detail.key === 'string';
}
